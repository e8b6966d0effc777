// Asks about a page without a rating in a pop-over, once its reader has stayed long enough and scrolled far enough.
import { safeDocument } from "../clobbering.js";
import { TWO_DAYS_MS } from "../constants.js";
import { createElement, whenDomReady } from "../dom.js";
import { float } from "../floating.js";

/** @typedef {import("../rating.js").Rating} Rating */
/** @typedef {{rating: Rating} & import("../floating.js").Floating} Popover */

const CHECK_INTERVAL_MS = 500;
/** The key of the time, in ms since 1970, until which this browser is not asked again. */
const QUIET_UNTIL_KEY = "tilfreds:popover";
/** Distances from the edges of the window in px. */
const DISTANCES = { above: 16, beside: 16, narrow: 8 };

/** Return whether a visitor of this browser answered or dismissed a pop-over within two days. */
const isQuiet = () => {
  try {
    const pauseMs = localStorage[QUIET_UNTIL_KEY] - Date.now();
    // A longer pause was stored while the clock was ahead.
    if (pauseMs > 0 && pauseMs <= TWO_DAYS_MS) return true;
    localStorage.removeItem(QUIET_UNTIL_KEY);
  } catch {
    // Without storage the page remembers it for as long as it lives.
  }
  return false;
};

const keepQuiet = () => {
  try {
    localStorage[QUIET_UNTIL_KEY] = Date.now() + TWO_DAYS_MS;
  } catch {
    // As above.
  }
};

/** Return a function that measures, at every check, the time spent on a path and the share of it that was seen. */
const createMeter = () => {
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
 * Return a pop-over, or nothing where it was answered or dismissed before, or is not in the configured share.
 * @param {string} path
 * @param {"start" | "end"} side
 */
const createUnanswered = (path, side) => {
  const popover = createPopover(path, side);
  if (cardOf(popover.rating) && !isAnswered(popover.rating)) return popover;
  popover.host.remove();
};

/**
 * Remove the pop-over when its time is over, unless it was answered or has the focus. Return whether it was removed.
 * @param {Popover} popover
 * @param {boolean} isOver
 */
const removeWhenOver = ({ rating, host, fit }, isOver) => {
  const isObsolete = !cardOf(rating) || (!isAnswered(rating) && isOver);
  if (!isObsolete || host.contains(safeDocument.activeElement)) {
    fit(true);
    return false;
  }
  host.remove();
  return true;
};

/** @param {{delay_seconds: number, scroll_percent: number, side: "start" | "end"}} options */
const start = ({ delay_seconds, scroll_percent, side }) => {
  const measure = createMeter();
  /** @type {Popover | undefined} */
  let popover;
  /** The last path with a decision whether to ask. @type {string | undefined} */
  let decidedPath;
  let hasChat = false;
  const noteChat = () => {
    hasChat = true;
  };
  addEventListener("tilfreds:start", noteChat, true);
  addEventListener("tilfreds:end", noteChat, true);

  /** Remove the pop-over with its page, or when a chat starts. @param {Popover} current @param {string} path */
  const update = (current, path) => {
    if (removeWhenOver(current, hasChat || path != decidedPath)) clearInterval(timer);
  };

  /** @param {string} path */
  const ask = (path) => {
    decidedPath = path;
    popover = createUnanswered(path, side);
    if (popover) update(popover, path);
  };

  const check = () => {
    const { path, seconds, percent } = measure();
    if (popover) return update(popover, path);
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
    // A page may include the script twice; the first copy asks.
    if (element.popover || isQuiet()) return;
    element.popover = true;
    start(options);
  });
