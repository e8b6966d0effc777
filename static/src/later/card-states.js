// The texts and actions of a card after a press, in one language.
import texts from "texts";
import { unclobbered } from "../clobbering.js";
import { ANY, NEVER, TWO_DAYS_MS } from "../constants.js";
import { createElement } from "../dom.js";
import { createLink, describeAnswer, fire, openCard, surveyTextsOf } from "./card-parts.js";
import { createRemoveLink, offerComment } from "./comment.js";
import { forgetVisitor } from "./copies.js";
import { instances, memory, post, readRecord, runPart, storagePrefix, writeRecord } from "./core.js";
import { readReply } from "./reply.js";

/** @typedef {import("../rating.js").Rating} Rating */
/** @typedef {import("../store.js").StoredRecord} StoredRecord */

/** Codes of errors after which another press may succeed; the others close the survey. */
const MAY_PRESS_AGAIN = /conflict|invalid|too_large|signature_expired/;

/**
 * Show a saved answer with links to change and remove it, or mark an unsent one.
 * @param {Rating} rating
 */
const showAnswered = (rating) => {
  // Only a card at rest counts an impression, which would do this. An older file exposes no `runPart`.
  runPart?.("surroundings", unclobbered);
  const { row, status, more } = openCard(rating);
  const record = readRecord(rating.name);
  if (record?.waits) {
    rating.paint(memory[rating.name] ? "open" : "kept");
    return;
  }
  const score = record?.answer?.score;
  if (score == null) return;
  const reopen = () => {
    row.hidden = false;
    more.replaceChildren();
    status.textContent = "";
    /** @type {HTMLElement} */ (row.querySelector("[aria-pressed=true]")).focus();
  };
  row.hidden = true;
  more.receivedScore = score;
  status.replaceChildren(...describeAnswer(rating, score));
  more.replaceChildren(createLink(texts.change, reopen), createRemoveLink(rating));
};

/**
 * Show that an answer was saved, with thanks.
 * @param {Rating} rating
 * @param {HTMLElement} status
 * @param {number} score
 */
const showThanks = (rating, status, score) => {
  const surveyTexts = surveyTextsOf(rating);
  const thanks = surveyTexts[score] ?? surveyTexts.thanks ?? texts.thanks;
  status.replaceChildren(createElement("b", {}, texts.saved), " ", thanks);
};

/**
 * Show the answer that the server received.
 * @param {Rating} rating
 * @param {"voted" | "changed"} event
 * @param {boolean} [isLost] whether another answer than the sent one is saved
 */
const showReceived = (rating, event, isLost) => {
  const record = readRecord(rating.name);
  rating.paint();
  if (!record?.receipt) return;
  const { score, comment: hasComment } = record.receipt;
  fire(rating, event, { score, comment: hasComment });
  const wasDismissed = !rating.root.firstChild;
  if (wasDismissed) return;
  if (isLost) {
    showAnswered(rating);
    return;
  }
  const { row, status, more } = openCard(rating);
  row.hidden = false;
  more.receivedScore = score;
  // Without a comment in this answer there is no news of one.
  const { comment: answerComment = more.receivedComment } = record.answer;
  const comment = answerComment ?? "";
  const isNewComment = (more.receivedComment ?? comment) != comment;
  if (score == null) {
    more.replaceChildren();
    status.textContent = texts.removed;
  } else if (isNewComment) {
    more.receivedComment = comment;
    status.textContent = texts.comment_saved;
  } else {
    // Keep a comment that is being written.
    if (!more.querySelector("textarea")) offerComment(rating);
    showThanks(rating, status, score);
  }
};

/**
 * Show why the server rejected an answer, and which answer is saved instead.
 * @param {Rating} rating
 * @param {string} code
 */
const showRefusal = (rating, code) => {
  const { row, status, more } = openCard(rating);
  const savedScore = readRecord(rating.name)?.receipt?.score;
  const hadFocus = rating.root.activeElement != null;
  rating.paint();
  more.replaceChildren();
  row.hidden = !MAY_PRESS_AGAIN.test(code);
  status.replaceChildren(texts[code] ?? texts.invalid);
  if (savedScore != null) status.append(" ", ...describeAnswer(rating, savedScore));
  // The focused button may be gone, so the status line takes its focus.
  status.tabIndex = -1;
  if (hadFocus) status.focus();
};

/**
 * Report a dismissal to the page, and to the server unless there is an answer.
 * @param {Rating} rating
 * @param {object} thing the rated thing in the server's terms
 */
const reportDismissal = (rating, thing) => {
  if (!readRecord(rating.name)) {
    writeRecord(rating.name, { off: 1, until: Date.now() + TWO_DAYS_MS, answer: {} });
    writeRecord(ANY, { until: NEVER });
    post("dismissed", thing);
  }
  fire(rating, "dismissed");
};

/**
 * Read the server's reply to an answer and show the outcome.
 * @param {StoredRecord} sentRecord
 * @param {Promise<Response | void>} response
 * @param {string} name
 * @param {number} tries
 */
const showReply = async (sentRecord, response, name, tries) => {
  const outcome = await readReply(name, sentRecord, await response, tries);
  if (!outcome) return true;
  const { state, code = "", isLost } = outcome;
  for (const rating of instances) {
    if (rating.name != name) continue;
    if (state != "refused") showReceived(rating, state, isLost);
    else if (rating.root.firstChild) showRefusal(rating, code);
  }
  return true;
};

// An older file exposes no `runPart`.
if (navigator.globalPrivacyControl) runPart?.("quiet");

/** @type {any} */ (customElements.get("tilfreds-rating")).forgetVisitor = forgetVisitor;

// Show an answer that another tab saved, unless a comment is being written.
const showOtherTabs = (/** @type {StorageEvent} */ { key }) => {
  for (const rating of instances) {
    const { name, root } = rating;
    if (key != storagePrefix + name || !root.firstChild || root.querySelector("textarea")) continue;
    rating.paint();
    showAnswered(rating);
  }
};

/** Functions that the served file calls. An older file calls them too, so names and arguments never change. */
const calls = { answered: showAnswered, dismissed: reportDismissal, replied: showReply };

/**
 * @param {keyof typeof calls} call
 * @param {...any} args
 */
export default (call, ...args) => {
  // Once, and again after `open()` of the document removed every listener.
  addEventListener("storage", showOtherTabs);
  return /** @type {(...args: any[]) => any} */ (calls[call])(...args);
};
