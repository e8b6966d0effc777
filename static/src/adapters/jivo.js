// Jivo: https://www.jivochat.com/docs/widget/
//
// The page hears of the start, not of the end: the back end reports that, by Jivo's chat_finished, which carries the
// token that `token` sets. jivo_onClose is the panel and means nothing. The visitor's number is the same for all chats,
// so it names none.
// Not confirmed: what a token that is set in a chat that runs does to a visitor whom the page has named already. Leave
// `token` out where the page calls jivo_api.setUserToken itself.
import { Chat, page } from "../chat-adapter.js";

/**
 * Run whenever the vendor calls the page's function of this name, which may be defined before or after.
 * @param {string} name
 * @param {() => void} run
 */
const addCallback = (name, run) => {
  /** @type {any} */
  let theirs;
  let isInside = false;
  const ours = (/** @type {any[]} */ ...args) => {
    // A page that took the place of ours may call ours from its own.
    if (isInside) return;
    isInside = true;
    try {
      run();
      return theirs?.(...args);
    } finally {
      isInside = false;
    }
  };
  const attach = () => {
    if (page[name] == ours) return;
    theirs = page[name];
    page[name] = ours;
  };
  attach();
  // A function of that name that a script of the page declares takes the place of ours.
  addEventListener("load", attach);
};

/** @param {{target?: string, token?: boolean}} options */
export default ({ target, token }) => {
  const chat = new Chat({ target, field: token ? "token" : "" }, (_, hash) => page.jivo_api.setUserToken(hash));
  addCallback("jivo_onClientStartChat", () => chat.start());
  addCallback("jivo_onMessageSent", () => chat.start());
};
