// Finds elements fixed to the window, such as an open chat, its launcher, a notice or a dialog.
import { safeDocument, unclobbered } from "./clobbering.js";

/** The distance in px between the tested points: no such element is smaller. */
const GRID_STEP = 44;
/** A fixed element of at least this share of the window's width and height contains the whole page. */
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
 * Return the element that the page shows at a point, ignoring `except` and looking into open shadow roots.
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
 * Return whether a fixed element contains the whole page, and is not a dialog over it.
 * @param {Element} fixed
 * @param {Element} visible the part of it that is visible
 */
const isPage = (fixed, visible) => {
  const { width, height } = unclobbered(fixed).getBoundingClientRect();
  const { tagName, closest } = unclobbered(visible);
  const isDialog = tagName == "IFRAME" || closest("dialog,[role=dialog]");
  return !isDialog && width > innerWidth * PAGE_SHARE && height > innerHeight * PAGE_SHARE;
};

/**
 * Return an element that is fixed to the window at a place, or nothing.
 * @param {Element} except the element that is meant for the place
 * @param {{left: number, top: number, width: number, height: number}} place
 * @returns {Element | undefined}
 */
export const findOverlap = (except, { left, top, width, height }) => {
  const columns = Math.ceil(width / GRID_STEP);
  const rows = Math.ceil(height / GRID_STEP);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = left + (column + 0.5) * (width / columns);
      const y = top + (row + 0.5) * (height / rows);
      const visible = elementAt(x, y, except);
      const fixed = findFixed(visible);
      if (visible && fixed && !isPage(fixed, visible)) return fixed;
    }
  }
};
