// Put into the files of sites whose surveys go on after the first tap: the way to the part that asks further.

/** Ratings get a method that runs when a receipt or an older answer is shown; what it fetches does the rest. */
export default () => {
  const Rating = /** @type {any} */ (customElements.get("tilfreds-rating"));
  const [, , , , , , , settings] = Rating.core;
  const base = new URL("-/further-", settings.home ?? /** @type {any} */ (document.currentScript).src).href;
  Rating.prototype.further ??= function () {
    if (!this.survey.steps || !this.root.firstChild) return;
    import(base + this.root.firstChild.lang + settings.later).then(
      (part) => part.default(this),
      // Many browsers never ask again for a module that once failed to come.
      () => (settings.later += "?"),
    );
  };
};
