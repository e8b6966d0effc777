// The surface of a card: light or dark like what lies behind it, and transparent where its texts are readable on that.

/** @typedef {import("../rating.js").Rating} Rating */

/** @type {{core: import("../widget.js").Core, prototype: Rating}} */
export const Rating = /** @type {any} */ (customElements.get("tilfreds-rating"));
// Not from core.js, which has much that this part does not need.
export const [instances] = Rating.core;
/** The view of the served file, so that this part needs none. @type {typeof import("../clobbering.js").unclobbered} */
let unclobbered;

/**
 * Lightnesses of Lab, from 0 to 100. On lighter or darker backgrounds than these, the colours of pressed answers have a
 * contrast of at least 4.5:1; so does a text drawn at 75 % that is this far from its background.
 */
const MIN_LIGHT = 96;
const MAX_DARK = 20;
const MIDDLE = 50;
const MIN_DISTANCE = 67;

/**
 * Return the lightness of a colour, or NaN unless it is opaque. The browser converts every notation.
 * @param {HTMLElement} probe
 * @param {string} colour
 */
const measure = (probe, colour) => {
  probe.style.color = `color-mix(in lab,${colour},${colour})`;
  // With forced colours it is none of Lab.
  const [, lightness] = /^lab\(([\d.]+)[^/]*$/.exec(getComputedStyle(probe).color) ?? [];
  return Number(lightness);
};

/** Return the element that an element is drawn in. @param {Element} element @returns {Element | undefined} */
const findParent = (element) => {
  const { assignedSlot, parentElement, getRootNode } = unclobbered(element);
  return assignedSlot ?? parentElement ?? unclobbered(/** @type {ShadowRoot} */ (getRootNode())).host;
};

/** Give a card the scheme and the surface for its place. @param {Rating} rating */
const fitSurface = (rating) => {
  const card = rating.root.querySelector("section");
  if (!card) return;
  const probe = /** @type {HTMLElement} */ (card.querySelector("div"));
  let ground = NaN;
  // A picture may lie before the first opaque colour, and behind a card in a corner the contents of the page.
  let isBare = true;
  /** @type {Element | undefined} */
  let element = rating;
  while (element) {
    observer.observe(element, { attributes: true });
    const { backgroundColor, backgroundImage, position } = getComputedStyle(element);
    if (isNaN(ground)) {
      isBare &&= backgroundImage == "none" && position != "fixed";
      ground = measure(probe, backgroundColor);
    }
    element = findParent(element);
  }
  // Where no element paints a colour, the text of the page shows what it was made for.
  if (isNaN(ground)) ground = measure(probe, getComputedStyle(rating).color) > MIDDLE ? 0 : 100;
  card.style.setProperty("--scheme", ground < MIDDLE ? "dark" : "light");
  const ink = measure(probe, "currentcolor");
  const isReadable = (ground < MAX_DARK || ground > MIN_LIGHT) && Math.abs(ground - ink) > MIN_DISTANCE;
  card.className = isBare && isReadable ? "clear" : "";
  probe.style.color = "";
};

const fitAll = () => instances.forEach(fitSurface);
const observer = new MutationObserver(fitAll);

matchMedia("(prefers-color-scheme:dark)").addEventListener("change", fitAll);

/** Fit all cards. @param {typeof unclobbered} view */
export const fit = (view) => {
  unclobbered = view;
  // A style sheet that loads late changes backgrounds, and so do the system and a page that fades.
  addEventListener("load", fitAll);
  addEventListener("transitionend", fitAll);
  fitAll();
};
