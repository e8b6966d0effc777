// Zammad: public/assets/chat/chat-no-jquery.coffee of zammad/zammad, https://docs.zammad.org/en/latest/api/chat.html
// does not describe it.
//
// The callbacks are options of `new ZammadChat({…})`, so this must run before that line: the tag comes before it,
// without `async`. onSessionClosed fires when the agent closes. The visitor's X ends the session without that call, so
// onCloseAnimationEnd checks whether the session is gone from sessionStorage. The page cannot pass the hash.
import { Chat, page } from "../chat-adapter.js";
import { safeDocument } from "../clobbering.js";

/** @typedef {Record<string, (...args: any[]) => void>} Callbacks */

/**
 * Return callbacks for Zammad's chat that report its start and end.
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
 * Return the page's options with our callbacks added to its own.
 * @param {Callbacks} callbacks
 * @param {any} pageOptions
 */
const addCallbacks = (callbacks, pageOptions = {}) => {
  const options = { ...pageOptions };
  for (const name of Object.keys(callbacks)) {
    options[name] = (/** @type {any[]} */ ...args) => {
      callbacks[name](...args);
      return pageOptions[name]?.(...args);
    };
  }
  return options;
};

/** @param {{target?: string}} options */
export default (options) => {
  const chat = new Chat(options);
  const callbacks = createCallbacks(chat);
  /** Return the vendor's class with our callbacks added to the options of its instances. */
  const wrapClass = (/** @type {any} */ ZammadChat) =>
    new Proxy(ZammadChat, {
      construct: (target, [settings], newTarget) =>
        Reflect.construct(target, [addCallbacks(callbacks, settings)], newTarget),
    });

  if (safeDocument.querySelector(".zammad-chat")) {
    console.info(
      "tilfreds: This script runs too late for Zammad's chat. Put its tag before the chat's, without async.",
    );
  }
  if (page.ZammadChat) page.ZammadChat = wrapClass(page.ZammadChat);
  else {
    /** @type {any} */
    let wrappedClass;
    Object.defineProperty(page, "ZammadChat", {
      configurable: true,
      enumerable: true,
      get: () => wrappedClass,
      set(ZammadChat) {
        wrappedClass = ZammadChat && wrapClass(ZammadChat);
      },
    });
  }
};
