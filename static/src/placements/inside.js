// Places a rating at the end of an element that a selector names: an article, or a chat's panel.
import { safeDocument, unclobbered } from "../clobbering.js";
import { createElement, whenDomReady } from "../dom.js";
import { findAppRoot, isWaitingForHydration } from "../hydration.js";
import { createMover, keepInView } from "../last-child.js";

/** @typedef {import("../rating.js").Rating} Rating */

/** Some pages change their address after their contents; after this time the address is the new one. */
const SETTLED_MS = 60;
/** After this time a page that renders in the browser has rendered something. */
const DRAWN_MS = 3000;
const CHECK_INTERVAL_MS = 100;
/** The reserved height of a card, so that its texts after a press move nothing. */
const CARD_HEIGHT = "220px";
const CARD_DISTANCE = "24px";
/** The height in px from which contents after an element count as room for a card. */
const MIN_RESERVED_PX = 150;
const ARTICLE_RATINGS = "tilfreds-rating:not([kind=conversation],[kind=page])";
const CHAT_RATINGS = "tilfreds-rating[kind=conversation]";

/** @param {string} message */
const inform = (message) => console.info(`tilfreds: ${message}`);

/** @param {string} selector */
const findContainer = (selector) => {
  try {
    return safeDocument.querySelector(selector);
  } catch {
    inform(`${selector} is not a valid CSS selector. Correct it in the site's settings.`);
  }
};

/**
 * Return whether the end of an element is in view after scrolling.
 * @param {Element} element
 */
const endsInView = (element) => {
  const { bottom } = unclobbered(element).getBoundingClientRect();
  return bottom < innerHeight && bottom + scrollY > innerHeight;
};

/**
 * Return whether the page reserves room for a card, by the rule in docs/guides/placement.md.
 * @param {Element} container
 */
const reservesRoom = (container) => parseFloat(getComputedStyle(container, "::after").height) >= MIN_RESERVED_PX;

/**
 * Return whether visible contents lie below an element, which a card would move.
 * @param {Element} container
 */
const hasContentsBelow = (container) => {
  const { bottom } = unclobbered(container).getBoundingClientRect();
  for (let element = container; element != safeDocument.body && element.parentElement; element = element.parentElement)
    for (let next = element.nextElementSibling; next; next = next.nextElementSibling) {
      const box = unclobbered(next).getBoundingClientRect();
      if (box.height > 0 && box.top >= bottom) return true;
    }
  return false;
};

/**
 * Return whether a card at the end of an element would move what a reader sees.
 * @param {Element} container
 */
const wouldShift = (container) => endsInView(container) && !reservesRoom(container) && hasContentsBelow(container);

/** @param {string} kind */
const createRating = (kind) => {
  const rating = createElement("tilfreds-rating", {});
  rating.setAttribute("kind", kind);
  rating.style.display = "block";
  // A page may give each element of its text a margin, which the reserved room does not have.
  if (kind == "article") rating.style.margin = "0";
  if (kind == "conversation") keepInView(rating);
  return rating;
};

/**
 * Reserve room for the texts of a card after a press; no room without a card. Uses padding, because margins would
 * collapse with those of the page.
 * @param {Rating} rating
 */
const reserveRoom = (rating) => {
  if (rating.getAttribute("kind") != "article") return;
  const hasCard = rating.root.querySelector("[part=card]") != null;
  rating.style.boxSizing = "content-box";
  rating.style.minHeight = hasCard ? CARD_HEIGHT : "";
  rating.style.paddingBlock = hasCard ? CARD_DISTANCE : "";
};

/**
 * Append a rating to contents as soon as they appear, so that nothing moves later. It is visible once the address is
 * that of these contents.
 * @param {Rating} rating
 * @param {Element} container
 */
const append = (rating, container) => {
  rating.style.visibility = "hidden";
  unclobbered(container).append(rating);
  reserveRoom(rating);
  setTimeout(() => {
    rating.style.visibility = "";
  }, SETTLED_MS);
  setTimeout(reserveRoom, 2 * SETTLED_MS, rating);
};

/** Return whether the page has loaded for long enough that its framework would have taken it over. */
const isGivenUp = () => {
  const [{ loadEventEnd = 0 } = {}] = /** @type {PerformanceNavigationTiming[]} */ (
    performance.getEntriesByType("navigation")
  );
  return loadEventEnd > 0 && performance.now() - loadEventEnd > DRAWN_MS;
};

/**
 * Put a rating after the application, because the framework gave no sign that it tolerates one inside.
 * @param {Rating} rating
 * @param {Element} container
 * @param {() => boolean} hasOther
 */
const placeOutside = (rating, container, hasOther) => {
  const root = findAppRoot(container) ?? container;
  if (rating.isConnected || hasOther()) return true;
  if (root == safeDocument.body) unclobbered(root).append(rating);
  else unclobbered(root).after(rating);
  reserveRoom(rating);
  setTimeout(reserveRoom, 2 * SETTLED_MS, rating);
  return true;
};

/**
 * Return a function that puts one rating where a selector says, and returns whether it has its place. The rating stays
 * the same element for as long as the page lives: where contents are replaced, it moves to the new ones.
 * @param {string} kind
 * @param {string} selector
 */
const createPlace = (kind, selector) => {
  const isArticle = kind == "article";
  const rating = createRating(kind);
  const moveToEnd = createMover(rating);
  // A tag in the page stays where it is, and a second copy of this script finds the rating of the first.
  const hasOther = () =>
    [...safeDocument.querySelectorAll(isArticle ? ARTICLE_RATINGS : CHAT_RATINGS)].some((other) => other != rating);
  /** @type {Element | undefined} */
  let lastContainer;
  /** @type {string | undefined} */
  let lastPath;

  /** @param {boolean} hasInput whether the visitor just tapped or pressed a key, and expects changes */
  return (hasInput) => {
    const container = findContainer(selector);
    if (!container) return false;
    if (isWaitingForHydration(container)) return isGivenUp() && placeOutside(rating, container, hasOther);
    const { contains, lastElementChild } = unclobbered(container);
    const isInside = contains(rating);
    // New contents may have been added after the rating.
    const isAtEnd = lastElementChild == rating;
    if (isInside && isAtEnd) return true;
    if (isInside && lastPath == rating.path) {
      moveToEnd(container);
      return true;
    }
    if (hasOther()) return true;
    // Contents that are swapped later appear with their rating, and nothing moves.
    if (isArticle && !lastContainer && !hasInput && wouldShift(container)) return true;
    lastContainer = container;
    append(rating, container);
    lastPath = rating.path;
    return true;
  };
};

/** @param {Record<string, string>} selectors by the kind of what is rated */
const start = (selectors) => {
  const places = Object.entries(selectors).map(([kind, selector]) => createPlace(kind, selector));
  const check = (hasInput = false) => places.map((place) => place(hasInput)).every(Boolean);
  const changes = { childList: true, subtree: true, attributeFilter: ["data-has-hydrated", "ssr", "ngh"] };
  new MutationObserver(() => check()).observe(document, changes);
  addEventListener("scroll", () => check(), { passive: true });
  for (const input of ["click", "keydown"]) addEventListener(input, () => check(true), { passive: true });
  // Not every page triggers a mutation when it is ready.
  const timer = setInterval(() => {
    if (check() || isGivenUp()) clearInterval(timer);
  }, CHECK_INTERVAL_MS);
  check();
  setTimeout(() => {
    if (!check()) inform(`Nothing in this page matches ${Object.values(selectors).join(" or ")} yet.`);
  }, DRAWN_MS);
};

/** @param {Record<string, string>} selectors */
export default (selectors) => whenDomReady(() => start(selectors));
