// Where the question of a chat appears.
import { safeDocument, unclobbered } from "../clobbering.js";
import { TWO_DAYS_MS } from "../constants.js";
import { createElement } from "../dom.js";
import { inform, instances, memory, readRecord, settings } from "./core.js";

/** @typedef {import("../settings.js").Survey} Survey */
/**
 * What the server says of a chat that is over: whether the visitor is asked, and the survey where it is newer than the
 * file's own.
 * @typedef {{asked: boolean, reason?: string, token: string, revision: string,
 *   answered?: import("../store.js").Receipt} & Partial<Survey>} Verdict
 */

/** Return the elements that wait for the end of a chat. */
export const chatRatings = () => [...instances].filter((rating) => rating.getAttribute("kind") == "conversation");

/**
 * Put a rating with these attributes into an element, or into what a selector finds.
 * @param {{target?: Node | string, [attribute: string]: any}} wish
 * @returns {HTMLElement | void}
 */
export const addRating = ({ target, ...attributes }) => {
  const parent = typeof target == "string" ? safeDocument.querySelector(target) : target;
  if (!parent) {
    inform(`no place for the faces (${target}). Give a target or put the tag in the page.`);
    return;
  }
  const rating = createElement("tilfreds-rating", {});
  for (const [name, value] of Object.entries(attributes)) if (value != null) rating.setAttribute(name, value);
  return unclobbered(parent).appendChild(rating);
};

/**
 * Keep an answer that the server has and this browser does not know, for this page alone.
 * @param {Verdict} verdict
 */
const rememberAnswer = ({ token, revision, answered }) => {
  if (answered?.score == null || readRecord(token)) return;
  const born = Date.now();
  const answer = { token, revision, score: answered.score, rev: 0 };
  memory[token] = JSON.stringify({ born, until: born + TWO_DAYS_MS, receipt: answered, answer });
};

/**
 * Show the question, or say in the console why not.
 * @param {Verdict} verdict
 * @param {Node | string} [target] where it goes when the page has no element for it
 */
export const showVerdict = (verdict, target) => {
  if (!verdict.asked) {
    inform(`nobody is asked (${verdict.reason})`);
    return;
  }
  rememberAnswer(verdict);
  // A later wording than the file's own comes with the verdict and takes its place.
  if (verdict.texts) settings.surveys.chat_end = /** @type {Survey} */ (verdict);
  if (chatRatings().length == 0) addRating({ kind: "conversation", target });
  for (const rating of chatRatings()) {
    rating.setAttribute("token", verdict.token);
    rating.update();
  }
};
