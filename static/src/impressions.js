// Counts an impression when a card first comes into view.
import { unclobbered } from "./clobbering.js";
import { createEvent } from "./dom.js";
import { runPart } from "./parts.js";
import { post } from "./requests.js";

/**
 * The names of the ratings seen since the page loaded, so that a page that redraws its contents or returns to an
 * address counts once.
 * @type {Set<string>}
 */
const seenNames = new Set();

/** A card counts once this share of it is visible, or once it fills this share of the window. */
const MIN_SHARE = 0.5;
/** Shares at which the browser reports: a high card fills the window long before half of it is visible. */
const REPORTED_SHARES = [0.1, 0.2, 0.3, 0.4, MIN_SHARE];

/** @param {IntersectionObserverEntry} entry */
const isInView = ({ intersectionRatio, intersectionRect }) =>
  intersectionRatio >= MIN_SHARE || intersectionRect.height >= innerHeight * MIN_SHARE;

/**
 * Report to the server and the page when a card comes into view.
 * @param {import("./rating.js").Rating} rating
 * @param {HTMLElement} card
 * @param {object} thing the rated thing in the server's terms
 */
export const watchImpression = (rating, card, thing) => {
  const { name } = rating;
  const onChange = (/** @type {IntersectionObserverEntry[]} */ entries) => {
    // The browser reports for the first time once the card was painted.
    runPart("surroundings", unclobbered);
    // A busy page reports several changes in one call.
    if (!entries.some(isInView) || seenNames.has(name)) return;
    seenNames.add(name);
    observer.disconnect();
    // With Global Privacy Control the server receives no impression, and later/quiet.js removes ids from storage.
    if (!navigator.globalPrivacyControl) rating.seenReply = post("seen", thing);
    rating.dispatchEvent(createEvent("shown"));
  };
  const observer = new IntersectionObserver(onChange, { threshold: REPORTED_SHARES });
  observer.observe(card);
};
