// Put into the files of sites whose surveys go on after the first tap: the way to the part that asks further.
import { runPart } from "../later/core.js";

/**
 * A rating that can ask further; `link` leads to the longer survey, where the last receipt had one.
 * @typedef {import("../rating.js").Rating & {further?: () => void, link?: string}} FurtherRating
 */

/** Give ratings a method that asks further. It runs when a receipt or an older answer is shown. */
export default () => {
  const { prototype } = /** @type {{prototype: FurtherRating}} */ (customElements.get("tilfreds-rating"));
  // A page may hold the script twice; the first one serves it.
  prototype.further ??= function () {
    const card = /** @type {HTMLElement | null} */ (this.root.firstChild);
    if (this.survey.questions && card) runPart(`further-${card.lang}`, this);
  };
};
