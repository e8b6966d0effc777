// Fetches the later parts: code that is fetched on first use.
import { base, settings } from "./settings.js";

/** @typedef {{default: (...args: any[]) => any}} Part */

/** The part that handles chats, unsent answers and calls of the page. */
const PAGE = "page";

/**
 * The parts that have loaded or are loading. There is one import of each, because two imports of one module may
 * resolve in either order, and then the end of a chat could run before its start.
 * @type {Map<string, Promise<Part | void>>}
 */
export const parts = new Map();

/** The number of imports that failed. */
let failures = 0;
const FIRST_DELAY_MS = 500;
/** The number of doublings after which the pause stops growing, at about a minute. */
const MAX_DOUBLINGS = 6;

/**
 * Return the pause before another try, which doubles with every failure. The random share spreads browsers that failed
 * at the same time.
 */
export const retryDelayMs = () => FIRST_DELAY_MS * 2 ** (Math.min(failures, MAX_DOUBLINGS) + Math.random());

/**
 * Import a part.
 * @param {string} part
 * @returns {Promise<Part | void>} nothing when it did not load
 */
const importPart = async (part) => {
  try {
    // Many browsers never request a module again that failed to load, so the next try has another address.
    return await import(`${base}/../-/${part}${settings.later}${"?".repeat(failures)}`);
  } catch {
    failures++;
    if (part != PAGE) {
      parts.delete(part);
      return;
    }
  }
  // Events of the page must not be lost, so retry this part until it loads.
  await new Promise((resolve) => setTimeout(resolve, retryDelayMs()));
  return importPart(part);
};

/**
 * Run a part after fetching it on first use.
 * @param {string} part
 * @param {...any} args
 * @returns {Promise<any>} its result, or nothing when it did not load
 */
export const runPart = async (part, ...args) => {
  if (!parts.has(part)) parts.set(part, importPart(part));
  const module = await parts.get(part);
  return module?.default(...args);
};
