// An impression is counted when a card first comes into view.
import { post } from "./requests.js";

/**
 * The names of what was seen since the page was loaded: pages that draw their contents again, or come back to an
 * address, count it once.
 * @type {Set<string>}
 */
const seen = new Set();

/**
 * Tell the server and the page when a card comes into view.
 * @param {import("./rating.js").Rating} rating
 * @param {HTMLElement} card
 * @param {object} thing what is rated, as the server names it
 */
export const watchImpression = (rating, card, thing) => {
  const { name } = rating;
  const observer = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting || seen.has(name)) return;
    seen.add(name);
    // With Global Privacy Control the server hears of no view, and later/quiet.js removes ids from storage.
    if (!navigator.globalPrivacyControl) post("seen", thing);
    rating.dispatchEvent(new Event("tilfreds:shown", { bubbles: true, composed: true }));
  });
  observer.observe(card);
};
