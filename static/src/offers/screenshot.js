// Offers a screenshot below an answer that was received. Only the file of a site with such a survey contains this; the
// link loads a separate part (later/screenshot.js).
import { adoptSheet, createElement } from "../dom.js";
import { readRecord, runPart, settings, writeRecord } from "../later/core.js";
import { sheet } from "./screenshot.css";

/** @typedef {Record<string, string>} OfferTexts the link's text by language */

/**
 * Offer a screenshot, or remove the offer when the answer was removed.
 * @param {import("../rating.js").Rating} rating
 * @param {OfferTexts} texts
 */
const update = (rating, texts) => {
  const { root, name, survey } = rating;
  const card = /** @type {HTMLElement | null} */ (root.firstChild);
  const offer = root.querySelector("aside");
  const record = readRecord(name);
  if (record?.receipt?.score == null) {
    // The server removed the screenshot together with its answer.
    if (record?.picture) writeRecord(name, { ...record, picture: 0 });
    offer?.remove();
    return;
  }
  if (offer || !card || !survey.screenshot) return;
  adoptSheet(root, sheet);
  const aside = createElement("aside", { part: "more", className: "offer" });
  const open = () => runPart(`screenshot-${card.lang}`, rating, aside, settings.home);
  aside.append(createElement("button", { part: "link", className: "link", onclick: open }, texts[card.lang]));
  card.append(aside);
};

/** @param {{words: OfferTexts}} options */
export default ({ words: texts }) => {
  // The card handles the same event and must run first.
  const listener = (/** @type {Event} */ { target }) => setTimeout(update, 0, target, texts);
  addEventListener("tilfreds:voted", listener, true);
  addEventListener("tilfreds:changed", listener, true);
};
