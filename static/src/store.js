// Stores records in the browser for a limited time; works without storage.
import { key } from "./settings.js";

/**
 * The newest full answer to one survey.
 * @typedef {{id: string, rev: number, lang: string, score: number | null, comment?: string | null,
 *   [field: string]: any}} Answer
 *
 * The server's receipt of the answer that it has.
 * @typedef {{vote: string, rev: number, score: number | null, comment: boolean,
 *   status: "saved" | "ignored" | "removed", survey?: string}} Receipt
 *
 * The stored record of one rated thing. Times are in ms since 1970: `born` is the first press, `until` the end of its
 * lifetime. `waits` marks an unsent answer, `due` is the earliest time to send it. A dismissed survey has `off` and an
 * empty answer.
 * @typedef {{born: number, until: number, waits?: 0 | 1, due?: number, off?: 1, receipt?: Receipt, answer: Answer,
 *   picture?: number}} StoredRecord
 */

/**
 * Records, as text, that the browser could not store. They live as long as the page.
 * @type {{[name: string]: string}}
 */
export const memory = {};

export const storagePrefix = `tilfreds:${key}:`;

/**
 * Return the record of a name, or nothing once its lifetime is over.
 * @param {string} name
 * @returns {StoredRecord | undefined}
 */
export const readRecord = (name) => {
  try {
    const text = memory[name] ?? localStorage[storagePrefix + name];
    // Most pages have no record. An exception would be slow, because the browser parses the script again to locate it.
    if (!text) return;
    const record = JSON.parse(text);
    if (record.until > Date.now()) return record;
  } catch {
    // Without storage, or with a foreign text, there is no record.
  }
};

/**
 * Store a record, in memory where the browser does not store it.
 * @param {string} name
 * @param {object} record
 */
export const writeRecord = (name, record) => {
  memory[name] = JSON.stringify(record);
  try {
    localStorage[storagePrefix + name] = memory[name];
    delete memory[name];
  } catch {
    // Storage is blocked or full, so the record stays in memory.
  }
};
