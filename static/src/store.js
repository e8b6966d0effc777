// Stores records in the browser for a limited time; works without storage.
import { key } from "./settings.js";

/**
 * The newest full answer to one survey.
 * @typedef {{id: string, rev: number, lang: string, score: number | null, comment?: string | null,
 *   [field: string]: any}} Answer
 *
 * The server's receipt of the answer that it has.
 * @typedef {{vote: string, rev: number, score: number | null, comment: boolean,
 *   status: "saved" | "ignored" | "removed", saved_at?: string, survey?: string}} Receipt
 *
 * The stored record of one rated thing. Times are in ms since 1970: `born` is the first press, `until` the end of its
 * lifetime. `waits` marks an unsent answer, `due` is the earliest time to send it. A dismissed survey has `off` and an
 * empty answer.
 * @typedef {{born: number, until: number, waits?: 0 | 1, due?: number, off?: 0 | 1, receipt?: Receipt, answer: Answer,
 *   picture?: number}} StoredRecord
 */

/**
 * Records, as text, that the browser could not store. They live as long as the page.
 * @type {{[name: string]: string}}
 */
export const memory = {};

export const storagePrefix = `tilfreds:${key}:`;

/**
 * Copies of the records that this page stored, as text, for a page that empties its storage. later/copies.js shortens
 * them once the server has the answer.
 * @type {{[name: string]: string}}
 */
export const copies = {};

/**
 * Return the record of a name, or nothing once its lifetime is over.
 * @param {string} name
 * @returns {StoredRecord | undefined}
 */
export const readRecord = (name) => {
  try {
    const text = memory[name] ?? localStorage[storagePrefix + name] ?? copies[name];
    // Most pages have no record. An exception would be slow, because the browser parses the script again to locate it.
    if (!text) return;
    const record = JSON.parse(text);
    if (record.until > Date.now()) return record;
  } catch {
    // Without storage, or with a foreign text, there is no record.
  }
};

/**
 * Store a record, in memory where the browser does not store it. After the page emptied its storage, only another press
 * is stored there again.
 * @param {string} name
 * @param {any} record
 * @param {boolean} [isPress]
 */
export const writeRecord = (name, record, isPress) => {
  const text = JSON.stringify(record);
  memory[name] = text;
  try {
    const wasCleared = copies[name] && !localStorage[storagePrefix + name];
    if (wasCleared && !isPress) return;
    localStorage[storagePrefix + name] = text;
    copies[name] = text;
    delete memory[name];
  } catch {
    // Storage is blocked or full, so the record stays in memory.
  }
};
