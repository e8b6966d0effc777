// Put into the files of sites whose surveys go on after the first tap: the way to the part that asks further.
import { runPart } from "../later/core.js";

/** Ratings get a method that runs when a receipt or an older answer is shown; what it fetches does the rest. */
export default () => {
  /** @type {any} */ (customElements.get("tilfreds-rating")).prototype.further ??= function () {
    if (this.survey.steps && this.root.firstChild) runPart(`further-${this.root.firstChild.lang}`, this);
  };
};
