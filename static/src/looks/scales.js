// The looks that are not of three answers. Only the file of a site that asks by one of them holds this.
import drawings from "drawings";
import { createDrawing, createElement } from "../dom.js";
import { sheet } from "./scales.css";

/**
 * Makes the card of such a look what it shall be: steps ascend from the start of the line, but thumbs; numbers have words
 * at both ends, and each button's name says what its step means.
 * @param {import("../rating.js").Rating} rating
 * @param {HTMLElement[]} choices by ascending score
 * @param {string} lang
 */
export const dress = ({ root, survey }, choices, lang) => {
  const { look, dressed, texts } = survey;
  if (!dressed) return;
  const { labels, ends } = texts[lang];
  const row = /** @type {HTMLElement} */ (choices[0].parentNode);
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  if (look != "thumbs") {
    row.className = `steps ${look}`;
    row.append(...choices);
  }
  const drawn = drawings[look] ?? (/stars/.test(look) && labels.map(() => drawings.star));
  choices.forEach((choice, at) => {
    const end = ends?.[at ? (at == labels.length - 1 ? 1 : 2) : 0];
    if (drawn) choice.prepend(createDrawing(drawn[at]));
    if (end) choice.ariaLabel = `${labels[at]}: ${end}`;
  });
  if (ends) row.after(createElement("div", { className: `ends ${look}`, ariaHidden: "true" }, ...ends.map((end) => createElement("span", {}, end))));
};
