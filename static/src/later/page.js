// Handles the page outside of the cards: chats, calls of `tilfreds`, and unsent answers.
import { safeDocument } from "../clobbering.js";
import { createEvent } from "../dom.js";
import { addRating } from "./chat-placement.js";
import { handleChat, hashBrowser } from "./chat.js";
import { inform } from "./core.js";
import { limitLifetimes, sendUnsent } from "./unsent-answers.js";

const startPage = () => {
  limitLifetimes();
  sendUnsent();
  addEventListener("online", sendUnsent);
};

/** Events of `tilfreds.started()`, whose start is handled already. */
const announcedStarts = new WeakSet();

/**
 * Start a chat, and tell pop-overs and adapters, which listen to the page's event.
 * @param {any} detail
 */
const startChat = (detail) => {
  const event = createEvent("start", detail);
  announcedStarts.add(event);
  safeDocument.dispatchEvent(event);
  handleChat(event);
};

/**
 * Handle news: an empty text at the start of the page, the kind of a rating without a survey, a call of
 * `tilfreds.ask()` or `tilfreds.started()`, or an event of a chat. Without news, return the hash of the browser.
 * @param {string | {ask?: any} | {start?: any} | {type?: string, detail: any}} [news]
 */
export default (news) => {
  if (news == null) return hashBrowser();
  if (news === "") return startPage();
  if (typeof news == "string") return inform(`No open survey asks about ${news}. Open one or remove the tag.`);
  if ("start" in news) return startChat(news.start);
  if (announcedStarts.has(news)) return;
  if ("ask" in news) return addRating(news.ask ?? {});
  return handleChat(/** @type {{type?: string, detail: any}} */ (news));
};
