// tawk.to: https://developer.tawk.to/jsapi/; the names of the window's events are those of the vendor's own libraries
// (tawk/tawk-messenger-react), and leave the page's Tawk_API.onChatStarted and onChatEnded to the page.
//
// The page learns no id of the chat. A chat that the visitor moved to the pop-out window tells nothing.
// Not confirmed: whether tawkChatStarted comes again on the next page of a chat that goes on. The hash is then a new
// one, and handed over again.
import { Chat, page } from "../chat-adapter.js";

/** @param {{target?: string, field?: string}} options */
export default (options) => {
  const chat = new Chat(options, (field, hash) => page.Tawk_API.setAttributes({ [field]: hash }, () => {}));
  addEventListener("tawkChatStarted", () => chat.start());
  addEventListener("tawkChatEnded", () => chat.end());
};
