// The later parts: code that is fetched when it is first needed.
import { base, settings } from "./settings.js";

/** @typedef {{default: (...args: any[]) => any}} Part */

/** The part for what happens in the page outside of the cards. */
const PAGE = "page";

/**
 * The parts that came or are on their way. There is one import of each: two imports of one module may come in either
 * order, and then the end of a chat could run before its start.
 * @type {Map<string, Promise<Part | void>>}
 */
export const parts = new Map();

/** 2.2 s after the first failure, then longer: each adds a character. */
const retryDelayMs = () => settings.later.length ** 3;

/**
 * Import a part.
 * @param {string} part
 * @returns {Promise<Part | void>} nothing when it did not come
 */
const importPart = async (part) => {
  try {
    return await import(`${base}/../-/${part}${settings.later}`);
  } catch {
    // Many browsers never ask again for a module that failed to load, so the next try has another address.
    settings.later += "?";
    if (part != PAGE) {
      parts.delete(part);
      return;
    }
  }
  // What happens in the page must be heard, so this part is asked for until it comes.
  await new Promise((resolve) => setTimeout(resolve, retryDelayMs()));
  return importPart(part);
};

/**
 * Run a part, and fetch it before if it is not there.
 * @param {string} part
 * @param {...any} args
 * @returns {Promise<any>} what it returns, or nothing when it did not come
 */
export const runPart = async (part, ...args) => {
  if (!parts.has(part)) parts.set(part, importPart(part));
  const module = await parts.get(part);
  return module?.default(...args);
};
