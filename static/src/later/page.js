// What happens in the page outside of the cards: chats, and answers that are left.
import { browser, hear } from "./chat.js";
import { inform } from "./core.js";
import { flush } from "./left.js";
import { put } from "./spots.js";

const begin = () => {
  flush();
  addEventListener("online", flush);
};

/** @param {any} [news] empty at the start of the page, the kind of a rating that no survey asks
 * about, an event of a chat, or the wish to ask; nothing at all asks for the chat's hash */
export default (news) => {
  if (news == null) return browser();
  if (!news) return begin();
  if (news.at) return inform(`no open survey asks about ${news}. Open one or remove the tag.`);
  if ("ask" in news) return put(news.ask ?? {});
  return hear(news);
};
