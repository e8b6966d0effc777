// The parts of a card that change after a press, and functions to build them.
import texts from "texts";
import { adoptSheet, createElement, createEvent } from "../dom.js";
import { sheet } from "./card-states.css";
import { readRecord, saveAnswer } from "./core.js";

/** @typedef {import("../rating.js").Rating} Rating */
/**
 * The area below the status line. `receivedComment` is the comment that the server last received; its text box may be
 * gone when its receipt arrives. `receivedScore` is the score that the card shows.
 * @typedef {HTMLElement & {receivedComment?: string, receivedScore?: number | null}} More
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
  // Exists only where a survey has follow-up questions: see questions/further.js.
  /** @type {import("../questions/further.js").FurtherRating} */ (rating).further?.();
  return { row, status, more };
};

/**
 * @param {Rating} rating
 * @param {string} name
 * @param {object} [detail]
 */
export const fire = (rating, name, detail) => rating.dispatchEvent(createEvent(name, detail));

/**
 * Return the language of the card. This part has its texts, or English ones where the language has none.
 * @param {Rating} rating
 */
export const languageOf = ({ root }) => /** @type {HTMLElement} */ (root.firstChild).lang;

/**
 * Return the texts of the survey in the card's language.
 * @param {Rating} rating
 */
export const surveyTextsOf = (rating) => rating.survey.texts[languageOf(rating)];

/**
 * Save a change with the tag's current signature, because that of the press may have expired.
 * @param {Rating} rating
 * @param {object} fields
 */
export const saveChange = (rating, fields) => {
  /** @type {More | null} */
  const more = rating.root.querySelector("nav");
  // A page that emptied its storage took the score with it.
  const score = readRecord(rating.name)?.answer.score ?? more?.receivedScore;
  saveAnswer(rating.name, { ...rating.proof, lang: languageOf(rating), score, ...fields });
};

/**
 * Return the parts of "You answered Good.".
 * @param {Rating} rating
 * @param {number} score
 */
export const describeAnswer = (rating, score) => {
  const [before, after] = texts.answered.split("{}");
  const { low = MIN_SCORE } = rating.survey;
  const label = surveyTextsOf(rating).labels[score - low];
  return [before, createElement("b", {}, label), after];
};

/**
 * @param {string} text
 * @param {() => void} onclick
 */
export const createLink = (text, onclick) =>
  createElement("button", { part: "link", className: "link", onclick }, text);
