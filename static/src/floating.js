// A rating in a corner of the window. It covers nothing, never takes the focus, and closes by its button or Escape.
import { safeDocument, unclobbered } from "./clobbering.js";
import { createElement } from "./dom.js";
import { sheet } from "./floating.css";
import { findOverlap } from "./overlap.js";

/**
 * Distances from the edges of the window in CSS pixels: from the block end, from the side, and from the block end of a
 * narrow window.
 * @typedef {{above: number, beside: number, narrow: number}} Distances
 *
 * `fit` shows the host when `isWanted` and its place is free; `mayMoveAside` lets it move to the side of an obstacle.
 * @typedef {{host: HTMLElement, fit: (isWanted: boolean, mayMoveAside?: boolean) => void}} Floating
 */

/** Elements of a page that use Escape themselves. */
const USES_ESCAPE = "input,textarea,select,dialog,[role=dialog],[contenteditable]";
/** The minimum width in px of a card beside an open chat, and the margins on both of its sides. */
const MIN_CARD_WIDTH = 300;
const SIDE_MARGIN = 16;
/** The space in px between a card and the obstacle below it. */
const GAP = 12;
/** The maximum height in px of a launcher or a bar: a higher obstacle leaves no room above it. */
const MAX_BAR_HEIGHT = 120;

/**
 * @param {HTMLElement} host
 * @param {Partial<Distances>} distances
 */
const setDistances = (host, distances) => {
  for (const [edge, pixels] of Object.entries(distances)) host.style.setProperty(`--${edge}`, `${pixels}px`);
};

/**
 * Move above a launcher or a bar.
 * @param {HTMLElement} host
 * @param {Element} obstacle
 */
const moveAbove = (host, obstacle) => {
  const { top, height } = unclobbered(obstacle).getBoundingClientRect();
  if (height > MAX_BAR_HEIGHT) return;
  const distance = innerHeight - top + GAP;
  setDistances(host, { above: distance, narrow: distance });
};

/**
 * Move to the side of an obstacle, when the window is wide enough.
 * @param {HTMLElement} host
 * @param {Element} obstacle
 */
const moveAside = (host, obstacle) => {
  const { right, left } = unclobbered(obstacle).getBoundingClientRect();
  const isAtRight = host.getBoundingClientRect().right > innerWidth / 2;
  const occupied = isAtRight ? innerWidth - left : right;
  if (innerWidth - occupied < MIN_CARD_WIDTH + 2 * SIDE_MARGIN) return;
  setDistances(host, { beside: occupied + SIDE_MARGIN });
};

/**
 * Close with Escape, as the card's button does, and return the focus to the element that had it before.
 * @param {HTMLElement} host
 * @param {import("./rating.js").Rating} rating
 */
const closeOnEscape = (host, rating) => {
  /** @type {HTMLElement | null} */
  let focusedBefore = null;
  host.addEventListener("focusin", (event) => {
    const previous = /** @type {HTMLElement | null} */ (event.relatedTarget);
    if (!host.contains(previous)) focusedBefore = previous;
  });
  addEventListener("keydown", (event) => {
    if (event.key != "Escape" || event.defaultPrevented || host.hidden) return;
    const focused = safeDocument.activeElement;
    const isForPage = !host.contains(focused) && focused && unclobbered(focused).closest(USES_ESCAPE);
    if (isForPage) return;
    // Blur saves a comment.
    /** @type {HTMLElement | null} */ (rating.root.activeElement)?.blur();
    /** @type {HTMLElement | null} */ (rating.root.querySelector("[part=close]"))?.click();
  });
  rating.addEventListener("tilfreds:dismissed", () => {
    const focused = safeDocument.activeElement;
    const losesFocus = host.contains(focused) || focused == safeDocument.body;
    host.hidden = true;
    if (losesFocus && focusedBefore) unclobbered(focusedBefore).focus({ preventScroll: true });
  });
};

/**
 * Add a rating to a corner of the window, hidden at first.
 * @param {"start" | "end"} side
 * @param {Distances} distances
 * @param {import("./rating.js").Rating} rating
 * @returns {Floating}
 */
export const float = (side, distances, rating) => {
  const host = createElement("div", { hidden: true }, rating);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  root.append(createElement("slot", {}));
  host.setAttribute("side", side);
  setDistances(host, distances);
  safeDocument.body.append(host);
  closeOnEscape(host, rating);

  /**
   * Show the host where it covers nothing. Measuring and hiding run in one task, so a wrong place is never painted.
   * @param {boolean} isWanted
   */
  const fit = (isWanted, mayMoveAside = false) => {
    const isInUse = !host.hidden && host.contains(safeDocument.activeElement);
    if (isWanted && isInUse) return;
    host.hidden = !isWanted;
    if (!isWanted) return;
    setDistances(host, distances);
    let obstacle = findOverlap(host);
    if (obstacle) {
      moveAbove(host, obstacle);
      obstacle = findOverlap(host);
    }
    if (obstacle && mayMoveAside) {
      moveAside(host, obstacle);
      obstacle = findOverlap(host);
    }
    host.hidden = Boolean(obstacle);
  };
  return { host, fit };
};
