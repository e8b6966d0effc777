// Places and shows the survey of a chat.
import { safeDocument, unclobbered } from "../clobbering.js";
import { TWO_DAYS_MS } from "../constants.js";
import { createElement } from "../dom.js";
import { chat } from "./chat-state.js";
import { inform, instances, memory, readRecord, settings } from "./core.js";

/** @typedef {import("../settings.js").Survey} Survey */
/**
 * The server's decision on an ended chat: whether the visitor is asked, and the survey where it is newer than the
 * file's.
 * @typedef {{asked: boolean, reason?: string, token: string, revision: string,
 *   answered?: import("../store.js").Receipt} & Partial<Survey>} Decision
 */

/** Return the elements that show the survey of a chat. */
export const chatRatings = () => [...instances].filter((rating) => rating.getAttribute("kind") == "conversation");

/**
 * Add a rating with these attributes to an element, given by itself or by a selector.
 * @param {{target?: Node | string, [attribute: string]: any}} options
 * @returns {HTMLElement | void}
 */
export const addRating = ({ target, ...attributes }) => {
  const parent = typeof target == "string" ? safeDocument.querySelector(target) : target;
  if (!parent) {
    inform(`Target ${target} was not found. Pass a target or add the tag to the page.`);
    return;
  }
  const rating = createElement("tilfreds-rating", {});
  for (const [name, value] of Object.entries(attributes)) if (value != null) rating.setAttribute(name, value);
  return unclobbered(parent).appendChild(rating);
};

/**
 * Remember an answer that only the server has, for as long as the page lives.
 * @param {Decision} decision
 */
const rememberAnswer = ({ token, revision, answered }) => {
  if (answered?.score == null || readRecord(token)) return;
  const born = Date.now();
  const answer = { token, revision, score: answered.score, rev: 0 };
  memory[token] = JSON.stringify({ born, until: born + TWO_DAYS_MS, receipt: answered, answer });
};

/**
 * Show the survey, or log why not.
 * @param {Decision} decision
 * @param {Node | string} [target] its place when the page has no element for it
 */
export const showDecision = (decision, target) => {
  chat.decision = decision;
  if (!decision.asked) {
    inform(`No survey is shown (${decision.reason}).`);
    return;
  }
  rememberAnswer(decision);
  // A newer revision comes with the decision and replaces the file's.
  if (decision.texts) settings.surveys.chat_end = /** @type {Survey} */ (decision);
  if (chatRatings().length == 0) addRating({ kind: "conversation", target });
  for (const rating of chatRatings()) {
    rating.setAttribute("token", decision.token);
    rating.update();
  }
};
