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
/** The custom properties of a moved host: see floating.css. */
const MOVES = ["aside", "lift", "room"];

/** A place in the window, in px. @typedef {{left: number, top: number, width: number, height: number}} Place */

/**
 * Return the place of a host that is not moved. It stays where it is: browsers look for shifts of the layout later.
 * @param {HTMLElement} host
 * @returns {Place}
 */
const findRest = (host) => {
  const { style } = host;
  const { cssText } = style;
  for (const move of MOVES) style.removeProperty(`--${move}`);
  // The browser resolves insets without translations.
  const insets = getComputedStyle(host);
  const { width, height } = host.getBoundingClientRect();
  const rest = { left: parseFloat(insets.left), top: parseFloat(insets.top), width, height };
  style.cssText = cssText;
  return rest;
};

/**
 * Return the place above a launcher or a bar, or the same place where the obstacle is higher.
 * @param {Place} place
 * @param {Element} obstacle
 */
const moveAbove = (place, obstacle) => {
  const { top, height } = unclobbered(obstacle).getBoundingClientRect();
  return height > MAX_BAR_HEIGHT ? place : { ...place, top: top - GAP - place.height };
};

/**
 * Return the place beside an obstacle, or the same place where the window is too narrow.
 * @param {Place} place
 * @param {Element} obstacle
 */
const moveAside = (place, obstacle) => {
  const { right, left } = unclobbered(obstacle).getBoundingClientRect();
  const isAtRight = place.left + place.width > innerWidth / 2;
  const occupied = isAtRight ? innerWidth - left : right;
  const room = innerWidth - occupied - 2 * SIDE_MARGIN;
  if (room < MIN_CARD_WIDTH) return place;
  const width = Math.min(place.width, room);
  return { ...place, width, left: isAtRight ? left - SIDE_MARGIN - width : right + SIDE_MARGIN };
};

/**
 * Move a host from its rest to a place. A move is a translation, which browsers do not count as a shift of the layout.
 * @param {HTMLElement} host
 * @param {Place} rest
 * @param {Place} place
 */
const moveTo = (host, rest, place) => {
  // A narrower card keeps the edge that it is aligned to.
  const isAtRight = rest.left + rest.width > innerWidth / 2;
  const aside = place.left - rest.left + (isAtRight ? place.width - rest.width : 0);
  const moves = [aside, rest.top - place.top, place.width];
  MOVES.forEach((move, index) => host.style.setProperty(`--${move}`, `${moves[index]}px`));
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
  for (const [edge, pixels] of Object.entries(distances)) host.style.setProperty(`--${edge}`, `${pixels}px`);
  safeDocument.body.append(host);
  closeOnEscape(host, rating);

  /**
   * Show the host where it covers nothing. It moves only to another place, never to measure.
   * @param {boolean} isWanted
   */
  const fit = (isWanted, mayMoveAside = false) => {
    const isInUse = !host.hidden && host.contains(safeDocument.activeElement);
    if (isWanted && isInUse) return;
    host.hidden = !isWanted;
    if (!isWanted) return;
    const rest = findRest(host);
    let place = rest;
    let obstacle = findOverlap(host, place);
    if (obstacle) {
      place = moveAbove(place, obstacle);
      obstacle = findOverlap(host, place);
    }
    if (obstacle && mayMoveAside) {
      place = moveAside(place, obstacle);
      obstacle = findOverlap(host, place);
    }
    if (!obstacle) moveTo(host, rest, place);
    host.hidden = Boolean(obstacle);
  };
  return { host, fit };
};
