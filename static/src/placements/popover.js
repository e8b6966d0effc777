// Asks about a page that has no faces of its own, once its reader has stayed and read so far.
import { safeDocument } from "../clobbering.js";
import { TWO_DAYS_MS } from "../constants.js";
import { createElement, whenDomReady } from "../dom.js";
import { float } from "../floating.js";

/** @typedef {import("../rating.js").Rating} Rating */
/** @typedef {{rating: Rating} & import("../floating.js").Floating} Popover */

const CHECK_INTERVAL_MS = 500;
/** Until when this browser is not asked again, in ms since 1970. */
const QUIET_UNTIL = "tilfreds:popover";
/** Distances from the edges of the window in px. */
const DISTANCES = { above: 16, beside: 16, narrow: 8 };

/** Whether somebody answered or dismissed a pop-over within two days. */
const isQuiet = () => {
  try {
    if (localStorage[QUIET_UNTIL] > Date.now()) return true;
    localStorage.removeItem(QUIET_UNTIL);
  } catch {
    // Without storage it is remembered for as long as the page lives.
  }
  return false;
};

const keepQuiet = () => {
  try {
    localStorage[QUIET_UNTIL] = Date.now() + TWO_DAYS_MS;
  } catch {
    // As above.
  }
};

/** Return a function for every check: it returns how long a path was looked at, and how much of it was seen. */
const createReader = () => {
  let path = "";
  let stayedMs = 0;
  let share = 0;
  return () => {
    if (path != location.pathname) {
      path = location.pathname;
      // The time before the first check of a path does not count.
      stayedMs = -CHECK_INTERVAL_MS;
      share = 0;
    }
    if (!safeDocument.hidden) stayedMs += CHECK_INTERVAL_MS;
    share = Math.max(share, (scrollY + innerHeight) / safeDocument.documentElement.scrollHeight);
    return { path, seconds: stayedMs / 1000, percent: share * 100 };
  };
};

/** @param {Rating} rating */
const cardOf = (rating) => rating.root.querySelector("[part=card]");

/** @param {Rating} rating */
const isAnswered = (rating) => rating.root.querySelector("[aria-pressed=true]") != null;

/**
 * @param {string} path
 * @param {"start" | "end"} side
 * @returns {Popover}
 */
const createPopover = (path, side) => {
  const rating = createElement("tilfreds-rating", {});
  rating.setAttribute("subject", path);
  const { host, fit } = float(side, DISTANCES, rating);
  host.setAttribute("role", "complementary");
  host.setAttribute("aria-label", cardOf(rating)?.querySelector("[part=question]")?.textContent ?? "");
  rating.addEventListener("tilfreds:voted", keepQuiet);
  rating.addEventListener("tilfreds:dismissed", keepQuiet);
  return { rating, host, fit };
};

/**
 * Return a pop-over that asks; nothing where it was answered or dismissed before, or is not in the share that is asked.
 * @param {string} path
 * @param {"start" | "end"} side
 */
const createUnanswered = (path, side) => {
  const popover = createPopover(path, side);
  if (cardOf(popover.rating) && !isAnswered(popover.rating)) return popover;
  popover.host.remove();
};

/**
 * Remove the pop-over when its time is over, unless somebody answered or is in it. Returns whether it is gone.
 * @param {Popover} popover
 * @param {boolean} isOver
 */
const removeWhenOver = ({ rating, host, fit }, isOver) => {
  const goes = !cardOf(rating) || (!isAnswered(rating) && isOver);
  if (!goes || host.contains(safeDocument.activeElement)) {
    fit(true);
    return false;
  }
  host.remove();
  return true;
};

/** @param {{delay_seconds: number, scroll_percent: number, side: "start" | "end"}} options */
const start = ({ delay_seconds, scroll_percent, side }) => {
  const readPage = createReader();
  /** @type {Popover | undefined} */
  let popover;
  /** The path that it was decided about last. @type {string | undefined} */
  let decidedPath;
  let hasChat = false;
  const noteChat = () => {
    hasChat = true;
  };
  addEventListener("tilfreds:start", noteChat, true);
  addEventListener("tilfreds:end", noteChat, true);

  /** It goes with its page, or with the start of a chat. @param {Popover} shown @param {string} path */
  const keep = (shown, path) => {
    if (removeWhenOver(shown, hasChat || path != decidedPath)) clearInterval(timer);
  };

  /** @param {string} path */
  const ask = (path) => {
    decidedPath = path;
    popover = createUnanswered(path, side);
    if (popover) keep(popover, path);
  };

  const check = () => {
    const { path, seconds, percent } = readPage();
    if (popover) return keep(popover, path);
    if (hasChat) return clearInterval(timer);
    const isRead = seconds >= delay_seconds && percent >= scroll_percent;
    if (path == decidedPath || !isRead) return;
    if (safeDocument.querySelector("tilfreds-rating:not([kind=conversation])")) return;
    ask(path);
  };
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  check();
};

/** @param {Parameters<typeof start>[0]} options */
export default (options) =>
  whenDomReady(() => {
    const element = /** @type {{popover?: boolean}} */ (customElements.get("tilfreds-rating"));
    // A page may hold the script twice; the first one asks.
    if (element.popover || isQuiet()) return;
    element.popover = true;
    start(options);
  });
