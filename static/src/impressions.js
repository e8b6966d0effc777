// Counts an impression when a card first comes into view.
import { post } from "./requests.js";

/**
 * The names of the ratings seen since the page loaded, so that a page that redraws its contents or returns to an
 * address counts once.
 * @type {Set<string>}
 */
const seenNames = new Set();

/**
 * Report to the server and the page when a card comes into view.
 * @param {import("./rating.js").Rating} rating
 * @param {HTMLElement} card
 * @param {object} thing the rated thing in the server's terms
 */
export const watchImpression = (rating, card, thing) => {
  const { name } = rating;
  const observer = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting || seenNames.has(name)) return;
    seenNames.add(name);
    // With Global Privacy Control the server receives no impression, and later/quiet.js removes ids from storage.
    if (!navigator.globalPrivacyControl) post("seen", thing);
    rating.dispatchEvent(new Event("tilfreds:shown", { bubbles: true, composed: true }));
  });
  observer.observe(card);
};
