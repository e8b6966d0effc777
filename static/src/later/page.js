// What happens in the page outside of the cards: chats, answers that are left, and a place at the end of the article.
import { browser, hear } from "./chat.js";
import { inform, settings } from "./core.js";
import { flush } from "./left.js";
import { place } from "./place.js";
import { put } from "./spots.js";

const begin = () => {
  flush();
  addEventListener("online", flush);
  if (!settings.selector) return;
  if (document.readyState == "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
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
