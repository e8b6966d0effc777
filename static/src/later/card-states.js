// What the card says and offers after a press, in one language.
import texts from "texts";
import { ANY, NEVER, TWO_DAYS_MS } from "../constants.js";
import { adoptSheet, createElement } from "../dom.js";
import { sheet } from "./card-states.css";
import { instances, memory, post, readRecord, runPart, saveAnswer, storagePrefix, writeRecord } from "./core.js";
import { readReply } from "./reply.js";

/** @typedef {import("../rating.js").Rating} Rating */
/** @typedef {import("../store.js").StoredRecord} StoredRecord */
/**
 * What is below the status line. `receivedComment` is the comment that the server last received; the box it was written
 * in may be gone when its receipt comes.
 * @typedef {HTMLElement & {receivedComment?: string}} More
 */

/** What the server accepts, in characters. */
const MAX_COMMENT_LENGTH = 4000;
/** After these refusals another press may help; the others close the question. */
const MAY_PRESS_AGAIN = /conflict|invalid|too_large|signature_expired/;
const LOWEST_SCORE = 1;

/**
 * Return the changing parts of a card that is shown.
 * @param {Rating} rating
 */
const openCard = (rating) => {
  const { root } = rating;
  adoptSheet(root, sheet);
  const row = /** @type {HTMLElement} */ (root.querySelector("div"));
  const status = /** @type {HTMLElement} */ (root.querySelector("output"));
  /** @type {More | null} */
  let more = root.querySelector("nav");
  if (!more) {
    more = createElement("nav", { part: "more" });
    status.after(more);
  }
  // Only where a survey asks further: see steps/further.js.
  /** @type {import("../steps/further.js").FurtherRating} */ (rating).further?.();
  return { row, status, more };
};

/**
 * @param {Rating} rating
 * @param {string} name
 * @param {object} [detail]
 */
const fire = (rating, name, detail) =>
  rating.dispatchEvent(new CustomEvent(`tilfreds:${name}`, { bubbles: true, composed: true, detail }));

/**
 * Return the language of the card. This part speaks it, or English where we have no words in it.
 * @param {Rating} rating
 */
const languageOf = ({ root }) => /** @type {HTMLElement} */ (root.firstChild).lang;

/**
 * Return the words of the survey in the card's language.
 * @param {Rating} rating
 */
const wordsOf = (rating) => rating.survey.texts[languageOf(rating)];

/**
 * Save a change under the signature that is on the tag now, for that of the press may have expired.
 * @param {Rating} rating
 * @param {object} fields
 */
const saveChange = (rating, fields) =>
  saveAnswer(rating.name, { ...rating.proof, lang: languageOf(rating), ...fields });

/**
 * Return "You answered Good." in its pieces.
 * @param {Rating} rating
 * @param {number} score
 */
const describeAnswer = (rating, score) => {
  const [before, after] = texts.answered.split("{}");
  const { low = LOWEST_SCORE } = rating.survey;
  const label = wordsOf(rating).labels[score - low];
  return [before, createElement("b", {}, label), after];
};

/**
 * @param {string} text
 * @param {() => void} onclick
 */
const createLink = (text, onclick) => createElement("button", { part: "link", className: "link", onclick }, text);

/** @param {Rating} rating */
const createRemoveLink = (rating) =>
  createLink(texts.remove, () => saveChange(rating, { score: null, reasons: [], answers: {}, comment: null }));

/**
 * Offer a comment, or only the removal where the survey takes no comment.
 * @param {Rating} rating
 */
const offerComment = (rating) => {
  const { more } = openCard(rating);
  const takesComment = rating.survey.comment != false;
  more.replaceChildren(
    takesComment ? createLink(texts.word, () => openComment(rating).focus()) : createRemoveLink(rating),
  );
};

/**
 * Show the box of the comment and return it. It is saved when the box is left, when the page is left, and by Done.
 * @param {Rating} rating
 */
const openComment = (rating) => {
  const { more } = openCard(rating);
  const readComment = () => readRecord(rating.name)?.answer.comment ?? "";
  more.receivedComment = readComment();
  const box = createElement("textarea", { maxLength: MAX_COMMENT_LENGTH, value: readComment() });
  const save = () => {
    const comment = box.value.trim();
    const isOpen = box.isConnected && readRecord(rating.name);
    if (isOpen && comment != readComment()) saveChange(rating, { comment: comment || null });
  };
  const done = () => {
    save();
    removeEventListener("pagehide", save);
    offerComment(rating);
  };
  box.onchange = save;
  addEventListener("pagehide", save);
  more.replaceChildren(
    createElement("label", {}, texts.label, box),
    createElement(
      "footer",
      {},
      createRemoveLink(rating),
      createElement("button", { part: "done", className: "done", onclick: done }, texts.done),
    ),
  );
  return box;
};

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
const steps = { answered: showAnswered, dismissed, replied };

/**
 * @param {keyof typeof steps} step
 * @param {...any} args
 */
export default (step, ...args) => /** @type {(...args: any[]) => any} */ (steps[step])(...args);
