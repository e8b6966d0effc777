// What is already fixed to the window at some place: an open chat, its launcher, a notice, a dialog.
import { safeDocument, unclobbered } from "./clobbering.js";

/** The distance in px of the points that are looked at: none of these things is smaller. */
const GRID_STEP = 44;
/** From this share of the window's width and height on, something fixed is what the whole page lies in. */
const PAGE_SHARE = 0.95;

/**
 * Return the element fixed to the window that a node belongs to, out of shadow roots too.
 * @param {Node | null | undefined} node
 * @returns {Element | undefined}
 */
const findFixed = (node) => {
  while (node) {
    if (node instanceof Element && getComputedStyle(node).position == "fixed") return node;
    const { parentNode, host } = unclobbered(/** @type {ShadowRoot} */ (node));
    node = parentNode ?? host;
  }
};

/**
 * Return what an element's open shadow root shows at a point.
 * @param {Element | undefined} element
 * @param {number} x
 * @param {number} y
 */
const findInner = (element, x, y) => element && unclobbered(element).shadowRoot?.elementFromPoint(x, y);

/**
 * Return what the page shows at a point apart from an element, down to the inside of open shadow roots.
 * @param {number} x
 * @param {number} y
 * @param {Element} except
 */
const elementAt = (x, y, except) => {
  let element = safeDocument.elementsFromPoint(x, y).find((candidate) => !except.contains(candidate));
  let inner = findInner(element, x, y);
  while (inner && inner != element) {
    element = inner;
    inner = findInner(element, x, y);
  }
  return element;
};

/**
 * Whether something fixed holds the whole page, and is no window over it.
 * @param {Element} fixed
 * @param {Element} shown what is seen of it
 */
const isPage = (fixed, shown) => {
  const { width, height } = unclobbered(fixed).getBoundingClientRect();
  const { tagName, closest } = unclobbered(shown);
  const isWindow = tagName == "IFRAME" || closest("dialog,[role=dialog]");
  return !isWindow && width > innerWidth * PAGE_SHARE && height > innerHeight * PAGE_SHARE;
};

/**
 * Return what is fixed to the window where an element is, or nothing.
 * @param {Element} element
 * @returns {Element | undefined}
 */
export const findOverlap = (element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const columns = Math.ceil(width / GRID_STEP);
  const rows = Math.ceil(height / GRID_STEP);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = left + (column + 0.5) * (width / columns);
      const y = top + (row + 0.5) * (height / rows);
      const shown = elementAt(x, y, element);
      const fixed = findFixed(shown);
      if (shown && fixed && !isPage(fixed, shown)) return fixed;
    }
  }
};
