// Asks about a page that has no faces of its own, once its reader has stayed and read so far.
import { corner } from "../corner.js";
import { createElement, whenDomReady } from "../dom.js";

const TICK = 500;
const KEY = "tilfreds:popover";
const TWO_DAYS = 1728e5;

/** Who answered or put it away is left alone for two days; without storage for as long as the page lives. */
const quiet = () => {
  try {
    if (localStorage[KEY] > Date.now()) return true;
    localStorage.removeItem(KEY);
  } catch {}
};
const hush = () => {
  try {
    localStorage[KEY] = Date.now() + TWO_DAYS;
  } catch {}
};

/** Reader: how long a page was looked at and how much of it was seen, anew for each path. */
const reader = () => {
  let path, stayed, share;
  return () => {
    if (path != location.pathname) [path, stayed, share] = [location.pathname, -TICK, 0];
    if (!document.hidden) stayed += TICK;
    share = Math.max(share, (scrollY + innerHeight) / document.documentElement.scrollHeight);
    return { path, seconds: stayed / 1000, percent: share * 100 };
  };
};

/** @param {any} rating */
const card = (rating) => rating.shadowRoot.querySelector("[part=card]");

/** @param {any} rating */
const answered = (rating) => rating.shadowRoot.querySelector("[aria-pressed=true]");

/** @param {string} path @param {"start" | "end"} side */
const ask = (path, side) => {
  const rating = createElement("tilfreds-rating", {});
  rating.setAttribute("subject", path);
  const { host, fit } = corner({ side, above: 16, beside: 16, narrow: 8 }, rating);
  host.setAttribute("role", "complementary");
  host.setAttribute("aria-label", card(rating)?.querySelector("[part=question]").textContent ?? "");
  for (const event of ["voted", "dismissed"]) rating.addEventListener(`tilfreds:${event}`, hush);
  return { rating, host, fit };
};

/** @param {{delay_seconds: number, scroll_percent: number, side: "start" | "end"}} options */
export default (options) =>
  whenDomReady(() => {
    const Rating = /** @type {any} */ (customElements.get("tilfreds-rating"));
    // A page may hold the script twice.
    if (Rating.popover || quiet()) return;
    Rating.popover = true;
    const read = reader();
    let asked, chats, decided;
    for (const event of ["start", "end"]) addEventListener(`tilfreds:${event}`, () => (chats = true), true);
    const look = () => {
      const { path, seconds, percent } = read();
      if (asked) return keep(path);
      if (chats) return clearInterval(clock);
      if (path == decided || seconds < options.delay_seconds || percent < options.scroll_percent) return;
      if (document.querySelector("tilfreds-rating:not([kind=conversation])")) return;
      decided = path;
      const made = ask(path, options.side);
      // Answered or put away before, or not chosen to be asked.
      if (!card(made.rating) || answered(made.rating)) made.host.remove();
      else (asked = made), keep(path);
    };
    // Once it was asked it goes with its page or with the start of a chat, unless somebody answered.
    const keep = (path) => {
      const gone = !card(asked.rating) || (!answered(asked.rating) && (chats || path != decided));
      if (!gone || asked.host.contains(document.activeElement)) return asked.fit(true);
      asked.host.remove();
      clearInterval(clock);
    };
    const clock = setInterval(look, TICK);
    look();
  });
