// The faces at the end of an element that a selector names: an article, or a chat's panel.
import { whenDomReady } from "../dom.js";

/** Pages that tell their new address only after their new contents have told it by then. */
const SETTLED_MS = 60;
/** Pages that draw themselves have drawn something by then. */
const DRAWN_MS = 3000;

const inform = (why) => console.info(`tilfreds: ${why}`);

/** @param {string} selector */
const find = (selector) => {
  try {
    return document.querySelector(selector);
  } catch {
    inform(`${selector} is no CSS selector. Correct it in the site's settings.`);
  }
};

/** Whether the end of an element lies in view though it could lie below: what is put there now would move what the
 * reader sees. @param {Element} element */
const inSight = (element) => {
  const { bottom } = element.getBoundingClientRect();
  return bottom < innerHeight && bottom + scrollY > innerHeight;
};

/** VitePress shows what its server drew until Vue takes it over; before that Vue does not expect an element of ours. It
 * leaves its mark where it is mounted. @param {Element} end */
const awaited = (end) => end.closest(".VPDoc") && !(/** @type {any} */ (end.closest("#app"))?.__vue_app__);

/** @param {string} kind */
const make = (kind) => {
  const rating = document.createElement("tilfreds-rating");
  rating.setAttribute("kind", kind);
  if (kind == "article") rating.style.display = "block";
  return rating;
};

/** A card keeps the room for what it says after a press; whoever is not asked has none. No margins: they would be one with
 * those of the page. @param {HTMLElement} rating */
const reserve = (rating) => {
  if (rating.getAttribute("kind") != "article") return;
  const card = /** @type {any} */ (rating.shadowRoot).querySelector("[part=card]");
  Object.assign(rating.style, { minHeight: card ? "176px" : "", paddingBlock: card ? "24px" : "" });
};

/** Puts it where it belongs in the moment in which new contents come, so that nothing moves later; it is seen when the
 * address is the one of these contents. @param {HTMLElement} rating @param {Element} end */
const put = (rating, end) => {
  rating.style.visibility = "hidden";
  end.append(rating);
  reserve(rating);
  // Whatever changes on the element makes it look at the address.
  setTimeout(() => (rating.style.visibility = ""), SETTLED_MS);
  setTimeout(reserve, 2 * SETTLED_MS, rating);
};

/** One rating for one selector, for as long as the page lives: where contents are taken out and others put in, the same
 * element goes with them. @param {string} kind @param {string} selector @returns {() => boolean} whether it has its place */
const place = (kind, selector) => {
  const rating = make(kind);
  // Whoever wrote a tag wants it there; a second copy of this script finds the first one's.
  const others = kind == "article" ? "tilfreds-rating:not([kind=conversation],[kind=page])" : "tilfreds-rating[kind=conversation]";
  let last, path;
  return () => {
    const end = find(selector);
    if (!end || awaited(end)) return false;
    const there = end.contains(rating);
    // A page that went elsewhere may have left it before its new contents.
    if (there && (path == location.pathname || end.lastElementChild == rating)) return true;
    if ([...document.querySelectorAll(others)].some((one) => one != rating)) return true;
    // What a reader already sees is not moved; new contents come with their faces.
    if (kind == "article" && (last ?? end) == end && !there && inSight(end)) return true;
    [last, path] = [end, location.pathname];
    put(rating, end);
    return true;
  };
};

/** @param {Record<string, string>} selectors by the kind of what is rated */
export default (selectors) =>
  whenDomReady(() => {
    const places = Object.entries(selectors).map(([kind, selector]) => place(kind, selector));
    const look = () => places.map((placed) => placed()).every(Boolean);
    const change = { childList: true, subtree: true, attributeFilter: ["data-has-hydrated"] };
    new MutationObserver(look).observe(document, change);
    addEventListener("scroll", look, { passive: true });
    // Not every page changes when it is ready.
    for (let wait = 100; wait < DRAWN_MS; wait += 100) setTimeout(look, wait);
    look();
    setTimeout(() => {
      if (!look()) inform(`nothing in this page matches ${Object.values(selectors).join(" or ")} so far`);
    }, DRAWN_MS);
  });
