// Offers a screenshot below an answer that was received. Only the file of a site with such a survey holds this; what
// comes after the press of the link is a part of its own (later/screenshot.js).
import { readRecord, runPart, settings, writeRecord } from "../later/core.js";
import { createElement } from "../dom.js";
import { sheet } from "./screenshot.css";

/** @param {{words: Record<string, string>}} options what the link says, by language */
export default ({ words }) => {
  /** @param {any} rating */
  const offer = (rating) => {
    const { root, name } = rating;
    const card = root.firstChild;
    const old = root.querySelector("aside");
    const kept = readRecord(name);
    if (kept?.receipt?.score == null) {
      // With the answer its picture went.
      if (/** @type {any} */ (kept)?.picture) writeRecord(name, { ...kept, picture: 0 });
      return old?.remove();
    }
    if (old || !card || !rating.survey.screenshot) return;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    const aside = createElement("aside", { part: "more", className: "offer" });
    const open = () => runPart(`screenshot-${card.lang}`, rating, aside, settings.home);
    aside.append(createElement("button", { part: "link", className: "link", onclick: open }, words[card.lang]));
    card.append(aside);
  };

  // After what the card itself says to the same news.
  const hear = ({ target }) => setTimeout(offer, 0, target);
  addEventListener("tilfreds:voted", hear, true);
  addEventListener("tilfreds:changed", hear, true);
};
