// Fetches the later parts: code that is fetched on first use.
import { base, settings } from "./settings.js";

/** @typedef {{default: (...args: any[]) => any}} Part */

/**
 * The parts that have loaded or are loading. There is one import of each, because two imports of one module may
 * resolve in either order, and then the end of a chat could run before its start.
 * @type {Record<string, Promise<Part>>}
 */
export const parts = {};

/** The number of imports that failed. */
let failures = 0;
const FIRST_DELAY_MS = 1000;

/**
 * Wait before another try. The pause grows with every failure; its random share spreads browsers that failed at the
 * same time.
 */
const waitForRetry = () =>
  new Promise((resolve) => setTimeout(resolve, FIRST_DELAY_MS * failures ** 2 * (0.5 + Math.random())));

/**
 * Import a part, and try again until it loads, because neither an answer nor an event of the page may be lost.
 * @param {string} part
 * @returns {Promise<Part>}
 */
const importPart = (part) =>
  // Many browsers never request a module again that failed to load, so the next try has another address.
  import(`${base}/../-/${part}${settings.later}${"?".repeat(failures)}`).catch(async () => {
    failures++;
    await waitForRetry();
    return importPart(part);
  });

/**
 * Run a part after fetching it on first use.
 * @param {string} part
 * @param {...any} args
 * @returns {Promise<any>} its result
 */
export const runPart = async (part, ...args) => {
  parts[part] ??= importPart(part);
  return (await parts[part]).default(...args);
};
