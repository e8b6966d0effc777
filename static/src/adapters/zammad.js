// Zammad: public/assets/chat/chat-no-jquery.coffee of zammad/zammad, https://docs.zammad.org/en/latest/api/chat.html
// has nothing of it.
//
// The callbacks are options of `new ZammadChat({…})`, so this must run before that line: the tag stands above it,
// without `async`. onSessionClosed comes when the agent closes. The visitor's X ends the session too, without that
// call: then onCloseAnimationEnd is left, and the session is gone from sessionStorage. The page can hand nothing over.
import { Chat, page } from "../chat-adapter.js";
import { safeDocument } from "../clobbering.js";

/** @typedef {Record<string, (...args: any[]) => void>} Callbacks */

/**
 * Return the callbacks of Zammad's chat that tell ours of its start and end.
 * @param {Chat} chat
 * @returns {Callbacks}
 */
const createCallbacks = (chat) => ({
  onConnectionEstablished: (data) => chat.start(data?.session_id),
  onSessionClosed: () => chat.end(),
  onCloseAnimationEnd() {
    if (!sessionStorage.getItem("sessionId")) chat.end();
  },
});

/**
 * Return the options of the page with our callbacks beside its own.
 * @param {Callbacks} ours
 * @param {any} theirs
 */
const addCallbacks = (ours, theirs = {}) => {
  const both = { ...theirs };
  for (const name of Object.keys(ours)) {
    both[name] = (/** @type {any[]} */ ...args) => {
      ours[name](...args);
      return theirs[name]?.(...args);
    };
  }
  return both;
};

/** @param {{target?: string}} options */
export default (options) => {
  const chat = new Chat(options);
  const ours = createCallbacks(chat);
  /** Return the vendor's class, which takes our callbacks too. */
  const wrapClass = (/** @type {any} */ ZammadChat) =>
    new Proxy(ZammadChat, {
      construct: (target, [settings], newTarget) =>
        Reflect.construct(target, [addCallbacks(ours, settings)], newTarget),
    });

  if (safeDocument.querySelector(".zammad-chat")) {
    console.info("tilfreds: Zammad's chat was made before this script. Put its tag above the chat's, without async.");
  }
  if (page.ZammadChat) page.ZammadChat = wrapClass(page.ZammadChat);
  else {
    /** @type {any} */
    let wrapped;
    Object.defineProperty(page, "ZammadChat", {
      configurable: true,
      enumerable: true,
      get: () => wrapped,
      set(ZammadChat) {
        wrapped = ZammadChat && wrapClass(ZammadChat);
      },
    });
  }
};
