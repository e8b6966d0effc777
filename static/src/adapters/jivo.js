// Jivo: https://www.jivochat.com/docs/widget/
//
// The page receives the start, not the end. The back end reports the end by Jivo's chat_finished, which carries the
// token that `token` sets. jivo_onClose only closes the panel. The visitor's number is the same for all chats, so it
// identifies none.
// Not confirmed: how setting a token in a running chat affects a visitor whom the page has identified already. Omit
// `token` where the page calls jivo_api.setUserToken itself.
import { Chat, page } from "../chat-adapter.js";

/**
 * Run whenever the vendor calls the page's function of this name, which the page may define before or after.
 * @param {string} name
 * @param {() => void} run
 */
const addCallback = (name, run) => {
  /** @type {any} */
  let pageFunction;
  let isInside = false;
  const wrapper = (/** @type {any[]} */ ...args) => {
    // A page function that replaced the wrapper may call it.
    if (isInside) return;
    isInside = true;
    try {
      run();
      return pageFunction?.(...args);
    } finally {
      isInside = false;
    }
  };
  const attach = () => {
    if (page[name] == wrapper) return;
    pageFunction = page[name];
    page[name] = wrapper;
  };
  attach();
  // A later script of the page that declares a function of that name replaces the wrapper, so attach it again.
  addEventListener("load", attach);
};

/** @param {{target?: string, token?: boolean}} options */
export default ({ target, token }) => {
  const chat = new Chat({ target, field: token ? "token" : "" }, (_, hash) => page.jivo_api.setUserToken(hash));
  addCallback("jivo_onClientStartChat", () => chat.start());
  addCallback("jivo_onMessageSent", () => chat.start());
};
