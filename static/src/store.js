import { key } from "./settings.js";

/**
 * What is kept of one rated thing: the newest full answer, whether it still waits to be sent and not before when, the
 * receipt of what stands, when the first press was, and how long this is kept. A thing that was put away has
 * `off` and no answer in it.
 * @typedef {{id: string, rev: number, lang: string, score: number | null, comment?: string | null,
 *   [field: string]: any}} Answer
 * @typedef {{vote: string, rev: number, score: number | null, comment: boolean,
 *   state: "saved" | "ignored" | "removed"}} Receipt
 * @typedef {{born: number, until: number, waits?: 0 | 1, due?: number, off?: 1, receipt?: Receipt, answer: Answer}} Kept
 */

/** Holds what the browser would not store: answers work without storage, they only do not outlive the page.
 * @type {Record<string, string>} */
export const memory = {};

export const prefix = `tilfreds:${key}:`;

/** @param {string} name @returns {Kept | undefined} nothing once its time is over */
export const recall = (name) => {
  try {
    // Nothing kept is the common case, and throwing is slow: a browser parses the script again to say where.
    const kept = JSON.parse(memory[name] ?? localStorage[prefix + name] ?? /** @type {any} */ (0));
    if (kept.until > Date.now()) return kept;
  } catch {}
};

/** @param {string} name @param {object} value */
export const write = (name, value) => {
  memory[name] = JSON.stringify(value);
  try {
    localStorage[prefix + name] = memory[name];
    delete memory[name];
  } catch {}
};
