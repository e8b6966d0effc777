// Offers a screenshot below an answer that was received. Only the file of a site with such a survey holds this; what
// comes after the link is a part of its own (later/screenshot.js).
import { adoptSheet, createElement } from "../dom.js";
import { readRecord, runPart, settings, writeRecord } from "../later/core.js";
import { sheet } from "./screenshot.css";

/** @typedef {Record<string, string>} Words what the link says, by language */

/**
 * Offer a screenshot, or take the offer away when the answer was removed.
 * @param {import("../rating.js").Rating} rating
 * @param {Words} words
 */
const update = (rating, words) => {
  const { root, name, survey } = rating;
  const card = /** @type {HTMLElement | null} */ (root.firstChild);
  const offer = root.querySelector("aside");
  const record = readRecord(name);
  if (record?.receipt?.score == null) {
    // The server removed the picture together with its answer.
    if (record?.picture) writeRecord(name, { ...record, picture: 0 });
    offer?.remove();
    return;
  }
  if (offer || !card || !survey.screenshot) return;
  adoptSheet(root, sheet);
  const aside = createElement("aside", { part: "more", className: "offer" });
  const open = () => runPart(`screenshot-${card.lang}`, rating, aside, settings.home);
  aside.append(createElement("button", { part: "link", className: "link", onclick: open }, words[card.lang]));
  card.append(aside);
};

/** @param {{words: Words}} options */
export default ({ words }) => {
  // The card itself answers the same event, and this comes after it.
  const listener = (/** @type {Event} */ { target }) => setTimeout(update, 0, target, words);
  addEventListener("tilfreds:voted", listener, true);
  addEventListener("tilfreds:changed", listener, true);
};
