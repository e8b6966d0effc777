// In the files of sites whose surveys have follow-up questions: runs the part that asks them.
import { runPart } from "../later/core.js";

/**
 * A rating that can ask follow-up questions; `link` is the address of the survey page, where the last receipt had one.
 * @typedef {import("../rating.js").Rating & {further?: () => void, link?: string}} FurtherRating
 */

/** Give ratings a method that asks follow-up questions. It runs when a receipt or an older answer is shown. */
export default () => {
  const { prototype } = /** @type {{prototype: FurtherRating}} */ (customElements.get("tilfreds-rating"));
  // A page may include the script twice; the first copy serves it.
  prototype.further ??= function () {
    const card = /** @type {HTMLElement | null} */ (this.root.firstChild);
    if (this.survey.questions && card) runPart(`further-${card.lang}`, this);
  };
};
