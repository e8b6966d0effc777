// The looks with more than three steps. Only the file of a site that asks by one of them holds this.
import drawings from "drawings";
import { draw, make } from "../make.js";
import css from "./scales.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/**
 * Makes the card of such a look what it shall be: steps ascend from the start of the line, numbers have words at both
 * ends, and each button's name says what its step means.
 * @param {ShadowRoot} root
 * @param {import("../settings.js").Survey} survey
 * @param {import("../settings.js").Words} words
 * @param {HTMLElement[]} choices by ascending score
 */
export const dress = (root, survey, words, choices) => {
  const { look } = survey;
  const { labels, ends } = words;
  const row = /** @type {HTMLElement} */ (choices[0].parentNode);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  row.className = `steps ${look}`;
  row.append(...choices);
  const drawn = drawings[look] ?? (/stars/.test(look) && labels.map(() => drawings.star));
  choices.forEach((choice, at) => {
    const end = ends?.[at ? (at == labels.length - 1 ? 1 : 2) : 0];
    if (drawn) choice.prepend(draw(drawn[at]));
    if (end) choice.ariaLabel = `${labels[at]}: ${end}`;
  });
  if (ends) row.after(make("div", { className: `ends ${look}`, ariaHidden: "true" }, ...ends.map((end) => make("span", {}, end))));
};
