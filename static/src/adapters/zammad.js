// Zammad: public/assets/chat/chat-no-jquery.coffee of zammad/zammad, https://docs.zammad.org/en/latest/api/chat.html has
// nothing of it.
//
// The callbacks are options of `new ZammadChat({…})`, so this must run before that line: the tag stands above it, without
// `async`. onSessionClosed comes when the agent closes. The visitor's X ends the session too, without that call: then
// onCloseAnimationEnd is left, and the session is gone from sessionStorage. The page can hand nothing over.
import { Chat, page } from "../chats.js";

/** @param {{target?: string}} options */
export default (options) => {
  const told = new Chat(options);
  /** @type {Record<string, (data?: any) => void>} */
  const ours = {
    onConnectionEstablished: (data) => told.start(data?.session_id),
    onSessionClosed: () => told.end(),
    onCloseAnimationEnd() {
      if (!sessionStorage.getItem("sessionId")) told.end();
    },
  };
  const heard = (/** @type {any} */ theirs = {}) => {
    const both = { ...theirs };
    for (const name in ours)
      both[name] = (/** @type {any[]} */ ...given) => {
        ours[name](...given);
        return theirs[name]?.(...given);
      };
    return both;
  };
  const hearing = (/** @type {any} */ Chat) =>
    new Proxy(Chat, { construct: (type, [given], as) => Reflect.construct(type, [heard(given)], as) });

  if (document.querySelector(".zammad-chat"))
    console.info("tilfreds: Zammad's chat was made before this script. Put its tag above the chat's, without async.");
  if (page.ZammadChat) page.ZammadChat = hearing(page.ZammadChat);
  else {
    /** @type {any} */
    let made;
    Object.defineProperty(page, "ZammadChat", {
      configurable: true,
      enumerable: true,
      get: () => made,
      set: (Chat) => (made = Chat && hearing(Chat)),
    });
  }
};
