// What the browser keeps, for how long; works without storage.
import { key } from "./settings.js";

/**
 * The newest full answer to one survey.
 * @typedef {{id: string, rev: number, lang: string, score: number | null, comment?: string | null,
 *   [field: string]: any}} Answer
 *
 * What the server said of the answer it has.
 * @typedef {{vote: string, rev: number, score: number | null, comment: boolean,
 *   status: "saved" | "ignored" | "removed", survey?: string}} Receipt
 *
 * Everything that is kept of one rated thing. Times are in ms since 1970: `born` is the first press, `until` the end of
 * its life. `waits` says that the answer is still to be sent, `due` not before when. A dismissed survey has `off` and
 * an empty answer.
 * @typedef {{born: number, until: number, waits?: 0 | 1, due?: number, off?: 1, receipt?: Receipt, answer: Answer,
 *   picture?: number}} StoredRecord
 */

/**
 * Records as text that the browser would not store: without storage they live as long as the page.
 * @type {{[name: string]: string}}
 */
export const memory = {};

export const storagePrefix = `tilfreds:${key}:`;

/**
 * Return what is kept under a name, or nothing once its time is over.
 * @param {string} name
 * @returns {StoredRecord | undefined}
 */
export const readRecord = (name) => {
  try {
    const text = memory[name] ?? localStorage[storagePrefix + name];
    // Most pages have no record. An exception would be slow, for the browser parses the script again to say where.
    if (!text) return;
    const record = JSON.parse(text);
    if (record.until > Date.now()) return record;
  } catch {
    // No storage, or not our text: nothing is kept.
  }
};

/**
 * Keep a record, in memory where the browser does not store it.
 * @param {string} name
 * @param {object} record
 */
export const writeRecord = (name, record) => {
  memory[name] = JSON.stringify(record);
  try {
    localStorage[storagePrefix + name] = memory[name];
    delete memory[name];
  } catch {
    // Storage is forbidden or full, so the record stays in memory.
  }
};
