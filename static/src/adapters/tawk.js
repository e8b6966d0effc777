// tawk.to: https://developer.tawk.to/jsapi/; the names of the window's events are those of the vendor's libraries
// (tawk/tawk-messenger-react), and leave the page's Tawk_API.onChatStarted and onChatEnded to the page.
//
// The page receives no id of the chat. A chat that the visitor moved to the pop-out window reports nothing.
// Not confirmed: whether tawkChatStarted fires again on the next page of a running chat. The hash is then a new one and
// is passed again.
import { Chat, page } from "../chat-adapter.js";

/** @param {{target?: string, field?: string}} options */
export default (options) => {
  const chat = new Chat(options, (field, hash) => page.Tawk_API.setAttributes({ [field]: hash }, () => {}));
  addEventListener("tawkChatStarted", () => chat.start());
  addEventListener("tawkChatEnded", () => chat.end());
};
