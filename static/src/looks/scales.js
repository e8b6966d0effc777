// The looks with other than three answers. Only the file of a site that uses one of them contains this.
import drawings from "drawings";
import { adoptSheet, createDrawing, createElement } from "../dom.js";
import { findMeaning } from "../scale-ends.js";
import { sheet } from "./scales.css";

/**
 * Return the drawings of a look, one for each answer, or nothing where answers have text only.
 * @param {string} look
 * @param {number} answers how many there are
 * @returns {string[] | undefined}
 */
const findDrawings = (look, answers) => {
  if (drawings[look]) return drawings[look];
  if (look.includes("stars")) return Array(answers).fill(drawings.star);
};

/**
 * Complete the card of such a look. Steps ascend from the start of the line, except for thumbs. Numbers have texts at
 * both ends, and the accessible name of a button includes the meaning of its step.
 * @param {import("../rating.js").Rating} rating
 * @param {HTMLElement[]} choices by ascending score
 * @param {string} lang
 */
export const dress = ({ root, survey }, choices, lang) => {
  const { look, dressed, texts } = survey;
  if (!dressed) return;
  const { labels, ends } = texts[lang];
  const row = /** @type {HTMLElement} */ (choices[0].parentNode);
  adoptSheet(root, sheet);
  if (look != "thumbs") {
    row.className = `steps ${look}`;
    row.append(...choices);
  }
  const lines = findDrawings(look, labels.length);
  choices.forEach((choice, index) => {
    const meaning = findMeaning(ends, index, labels.length);
    if (lines) choice.prepend(createDrawing(lines[index]));
    if (meaning) choice.ariaLabel = `${labels[index]}: ${meaning}`;
  });
  if (ends) {
    const endLabels = ends.map((end) => createElement("span", {}, end));
    row.after(createElement("div", { className: `ends ${look}`, ariaHidden: "true" }, ...endLabels));
  }
};
