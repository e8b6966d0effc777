// Finds why a card that is in the page cannot be seen.
import { safeDocument, unclobbered } from "../../clobbering.js";
import { cardOf } from "./widget.js";

/** @typedef {import("../check.js").Finding} Finding */

/** A smaller card cannot be read or pressed. */
const MIN_WIDTH = 60;
const MIN_HEIGHT = 24;
const MAX_DESCRIPTION_LENGTH = 80;
export const OVERLAY = "tilfreds-check";

/**
 * Return an element as a selector that a person recognises.
 * @param {Element} element
 */
const describe = (element) => {
  const { id, classList, localName } = unclobbered(element);
  const classes = [...classList].slice(0, 2).map((name) => `.${name}`);
  return `${localName}${id ? `#${id}` : ""}${classes.join("")}`.slice(0, MAX_DESCRIPTION_LENGTH);
};

/**
 * Return an element and all around it, out of shadow roots.
 * @param {Element} element
 */
const chainOf = (element) => {
  const chain = [];
  for (let one = element; one;) {
    chain.push(one);
    const { parentElement, parentNode } = unclobbered(one);
    one = parentElement ?? /** @type {any} */ (parentNode)?.host;
  }
  return chain;
};

/**
 * Explain a style that hides the element or something around it.
 * @param {Element[]} chain
 * @returns {Finding | undefined}
 */
const findHidingStyle = (chain) => {
  const outermost = (/** @type {(style: CSSStyleDeclaration) => boolean} */ isHiding) =>
    chain.findLast((element) => isHiding(getComputedStyle(element)));
  const hidden = outermost(({ display }) => display == "none");
  if (hidden) return { code: "display_none", values: { element: describe(hidden) } };
  if (getComputedStyle(chain[0]).visibility != "visible") {
    const invisible = outermost(({ visibility }) => visibility != "visible") ?? chain[0];
    return { code: "visibility_hidden", values: { element: describe(invisible) } };
  }
  const transparent = outermost(({ opacity }) => Number(opacity) == 0);
  if (transparent) return { code: "transparent", values: { element: describe(transparent) } };
};

/**
 * Explain a card without room: an element around it that is smaller and cuts it off.
 * @param {Element} card
 * @param {Element[]} chain
 * @returns {Finding | undefined}
 */
const findMissingRoom = (card, chain) => {
  const isSmall = ({ width = 0, height = 0 }) => width < MIN_WIDTH || height < MIN_HEIGHT;
  const narrow = [card, ...chain].find((element) => {
    const isCut = element == card || getComputedStyle(element).overflow != "visible";
    const isPage = element == safeDocument.documentElement || element == safeDocument.body;
    return isCut && !isPage && isSmall(unclobbered(element).getBoundingClientRect());
  });
  if (!narrow) return;
  const { width, height } = unclobbered(narrow).getBoundingClientRect();
  const element = describe(narrow == card ? chain[0] : narrow);
  return { code: "no_size", values: { element, width: String(Math.round(width)), height: String(Math.round(height)) } };
};

/**
 * Explain a place that no scrolling reaches, or something in front of the middle of the card.
 * @param {Element} card
 * @param {Element[]} chain
 * @returns {Finding | undefined}
 */
const findObstacle = (card, chain) => {
  const box = card.getBoundingClientRect();
  const { scrollWidth } = safeDocument.documentElement;
  const isOutside = box.right + scrollX <= 0 || box.bottom + scrollY <= 0 || box.left + scrollX >= scrollWidth;
  if (isOutside) return { code: "outside", values: { element: describe(chain[0]) } };
  const x = (box.left + box.right) / 2;
  const y = (box.top + box.bottom) / 2;
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return { code: "below" };
  const front = safeDocument.elementsFromPoint(x, y).find((element) => element.localName != OVERLAY);
  if (front && !chain.includes(front)) return { code: "covered", values: { element: describe(front) } };
};

/**
 * Return why the card of a rating cannot be seen; nothing for a rating without a card.
 * @param {import("../../rating.js").Rating} rating
 * @returns {Finding[]}
 */
export const findVisibility = (rating) => {
  const card = cardOf(rating);
  if (!card) return [];
  const chain = chainOf(rating);
  const finding = findHidingStyle(chain) ?? findMissingRoom(card, chain) ?? findObstacle(card, chain);
  return finding ? [finding] : [];
};
