// What the card says and offers after a press, in one language.
import texts from "texts";
import { ANY, NEVER, TWO_DAYS_MS } from "../constants.js";
import { createElement } from "../dom.js";
import { createLink, describeAnswer, fire, openCard, wordsOf } from "./card-parts.js";
import { createRemoveLink, offerComment } from "./comment.js";
import { instances, memory, post, readRecord, runPart, storagePrefix, writeRecord } from "./core.js";
import { readReply } from "./reply.js";

/** @typedef {import("../rating.js").Rating} Rating */
/** @typedef {import("../store.js").StoredRecord} StoredRecord */

/** After these refusals another press may help; the others close the question. */
const MAY_PRESS_AGAIN = /conflict|invalid|too_large|signature_expired/;

/**
 * Show an answer that is saved, with the way back to it, or one that still waits.
 * @param {Rating} rating
 */
const showAnswered = (rating) => {
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
  status.replaceChildren(...describeAnswer(rating, score));
  more.replaceChildren(createLink(texts.change, reopen), createRemoveLink(rating));
};

/**
 * Say that an answer was saved, and thank for it.
 * @param {Rating} rating
 * @param {HTMLElement} status
 * @param {number} score
 */
const showThanks = (rating, status, score) => {
  const words = wordsOf(rating);
  const thanks = words[score] ?? words.thanks ?? texts.thanks;
  status.replaceChildren(createElement("b", {}, texts.saved), " ", thanks);
};

/**
 * Show what the server received.
 * @param {Rating} rating
 * @param {"voted" | "changed"} event
 * @param {boolean} [isLost] another answer than the one sent is saved
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
  const comment = record.answer.comment ?? "";
  const isNewComment = (more.receivedComment ?? comment) != comment;
  if (score == null) {
    more.replaceChildren();
    status.textContent = texts.removed;
  } else if (isNewComment) {
    more.receivedComment = comment;
    status.textContent = texts.comment_saved;
  } else {
    // A comment that is being written stays.
    if (!more.querySelector("textarea")) offerComment(rating);
    showThanks(rating, status, score);
  }
};

/**
 * Say why the server refused an answer, and what is saved instead.
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
  // Focus must not be lost with the button that had it.
  status.tabIndex = -1;
  if (hadFocus) status.focus();
};

/**
 * The card was put away: tell the page, and the server unless there is an answer.
 * @param {Rating} rating
 * @param {object} thing what is rated, as the server names it
 */
const dismissed = (rating, thing) => {
  if (!readRecord(rating.name)) {
    writeRecord(rating.name, { off: 1, until: Date.now() + TWO_DAYS_MS, answer: {} });
    writeRecord(ANY, { until: NEVER });
    post("dismissed", thing);
  }
  fire(rating, "dismissed");
};

/**
 * The server replied to an answer: read it, and show what became of it.
 * @param {StoredRecord} sent
 * @param {Promise<Response | void>} response
 * @param {string} name
 * @param {number} tries
 */
const replied = async (sent, response, name, tries) => {
  const outcome = await readReply(name, sent, await response, tries);
  if (!outcome) return true;
  const { state, code = "", isLost } = outcome;
  for (const rating of instances) {
    if (rating.name != name) continue;
    if (state != "refused") showReceived(rating, state, isLost);
    else if (rating.root.firstChild) showRefusal(rating, code);
  }
  return true;
};

// An older file hands over no `runPart`.
if (navigator.globalPrivacyControl) runPart?.("quiet");

// Another tab saved an answer: show it here too, unless a comment is being written.
addEventListener("storage", ({ key }) => {
  for (const rating of instances) {
    const { name, root } = rating;
    if (key != storagePrefix + name || !root.firstChild || root.querySelector("textarea")) continue;
    rating.paint();
    showAnswered(rating);
  }
});

/** What the served file calls, also one of an older version: the names and their arguments stay. */
const calls = { answered: showAnswered, dismissed, replied };

/**
 * @param {keyof typeof calls} call
 * @param {...any} args
 */
export default (call, ...args) => /** @type {(...args: any[]) => any} */ (calls[call])(...args);
