// What happens in the page outside of the cards: chats, and answers that are left.
import { browser, hear } from "./chat.js";
import { inform } from "./core.js";
import { flush } from "./left.js";

const begin = () => {
  flush();
  addEventListener("online", flush);
};

/** @param {"" | string | {detail: any}} [news] empty at the start of the page, the kind of a rating that no survey asks
 * about, or an event of a chat; nothing at all asks for the chat's hash */
export default (news) => {
  if (news == null) return browser();
  if (typeof news == "object") return hear(news);
  if (!news) return begin();
  inform(`no open survey asks about ${news}. Open one, or take the tag away.`);
};
