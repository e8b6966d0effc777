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

/** Return 2.2 s after the first failure and more after each further one, because each adds a character. */
const retryDelayMs = () => settings.later.length ** 3;

/**
 * Import a part.
 * @param {string} part
 * @returns {Promise<Part | void>} nothing when it did not load
 */
const importPart = async (part) => {
  try {
    return await import(`${base}/../-/${part}${settings.later}`);
  } catch {
    // Many browsers never request a module again that failed to load, so the next try has another address.
    settings.later += "?";
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
