// The parts of a card that change after a press, and what they are made of.
import texts from "texts";
import { adoptSheet, createElement } from "../dom.js";
import { sheet } from "./card-states.css";
import { saveAnswer } from "./core.js";

/** @typedef {import("../rating.js").Rating} Rating */
/**
 * What is below the status line. `receivedComment` is the comment that the server last received; the box it was written
 * in may be gone when its receipt comes.
 * @typedef {HTMLElement & {receivedComment?: string}} More
 */

const MIN_SCORE = 1;

/**
 * Return the changing parts of a card that is shown.
 * @param {Rating} rating
 */
export const openCard = (rating) => {
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
  // Only where a survey asks further: see questions/further.js.
  /** @type {import("../questions/further.js").FurtherRating} */ (rating).further?.();
  return { row, status, more };
};

/**
 * @param {Rating} rating
 * @param {string} name
 * @param {object} [detail]
 */
export const fire = (rating, name, detail) =>
  rating.dispatchEvent(new CustomEvent(`tilfreds:${name}`, { bubbles: true, composed: true, detail }));

/**
 * Return the language of the card. This part speaks it, or English where we have no words in it.
 * @param {Rating} rating
 */
export const languageOf = ({ root }) => /** @type {HTMLElement} */ (root.firstChild).lang;

/**
 * Return the words of the survey in the card's language.
 * @param {Rating} rating
 */
export const wordsOf = (rating) => rating.survey.texts[languageOf(rating)];

/**
 * Save a change under the signature that is on the tag now, for that of the press may have expired.
 * @param {Rating} rating
 * @param {object} fields
 */
export const saveChange = (rating, fields) =>
  saveAnswer(rating.name, { ...rating.proof, lang: languageOf(rating), ...fields });

/**
 * Return "You answered Good." in its pieces.
 * @param {Rating} rating
 * @param {number} score
 */
export const describeAnswer = (rating, score) => {
  const [before, after] = texts.answered.split("{}");
  const { low = MIN_SCORE } = rating.survey;
  const label = wordsOf(rating).labels[score - low];
  return [before, createElement("b", {}, label), after];
};

/**
 * @param {string} text
 * @param {() => void} onclick
 */
export const createLink = (text, onclick) =>
  createElement("button", { part: "link", className: "link", onclick }, text);
