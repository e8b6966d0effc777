// Keeps a rating at the end of its container until it was pressed, and in view where the reader is at the end.
import { unclobbered } from "./clobbering.js";

/** @typedef {import("./rating.js").Rating} Rating */

/** A reader this near to the end of a panel, in px, is at its end. */
const MAX_DISTANCE_PX = 8;
/** After as many moves within a second, something else in the page wants to be the last child, too. */
const MAX_MOVES = 20;
const SECOND_MS = 1000;

/**
 * Return a function that moves a rating behind contents that were added after it, unless it is in use.
 * @param {Rating} rating
 */
export const createMover = (rating) => {
  let moves = 0;
  /** @param {Element} container */
  return (container) => {
    const { root } = rating;
    const isInUse = root.querySelector("[aria-pressed=true]") || root.activeElement;
    if (isInUse || moves >= MAX_MOVES) return;
    if (moves++ == 0) setTimeout(() => (moves = 0), SECOND_MS);
    unclobbered(container).append(rating);
  };
};

/**
 * Return the element around a rating that scrolls.
 * @param {Rating} rating
 */
const findScroller = (rating) => {
  let element = rating.parentElement;
  while (element && !/auto|scroll/.test(getComputedStyle(element).overflowY))
    element = unclobbered(element).parentElement;
  return element;
};

/**
 * Scroll a panel to its end when its rating grows, if it was at its end before.
 * @param {Rating} rating
 */
export const keepInView = (rating) => {
  let lastHeight = 0;
  const observer = new ResizeObserver(() => {
    const height = rating.offsetHeight;
    const growth = height - lastHeight;
    lastHeight = height;
    const panel = findScroller(rating);
    if (!panel || growth <= 0) return;
    const { scrollHeight, scrollTop, clientHeight } = unclobbered(panel);
    const distance = scrollHeight - scrollTop - clientHeight;
    if (distance <= growth + MAX_DISTANCE_PX) panel.scrollTop = scrollHeight;
  });
  observer.observe(rating);
};
