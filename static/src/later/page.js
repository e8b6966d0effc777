// What happens in the page outside of the cards: chats, and answers that are left.
import { addRating } from "./chat-placement.js";
import { hashBrowser, hearChat } from "./chat.js";
import { inform } from "./core.js";
import { sendUnsent } from "./unsent-answers.js";

const startPage = () => {
  sendUnsent();
  addEventListener("online", sendUnsent);
};

/**
 * Take in news: an empty text at the start of the page, the kind of a rating that no survey asks about, a wish to ask,
 * or an event of a chat. Nothing at all asks for the hash of the browser.
 * @param {string | {ask?: any} | {type?: string, detail: any}} [news]
 */
export default (news) => {
  if (news == null) return hashBrowser();
  if (news === "") return startPage();
  if (typeof news == "string") return inform(`no open survey asks about ${news}. Open one or remove the tag.`);
  if ("ask" in news) return addRating(news.ask ?? {});
  return hearChat(/** @type {{type?: string, detail: any}} */ (news));
};
