// Stores records in the browser for a limited time; works without storage.
import { TWO_DAYS_MS } from "./constants.js";
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
 * Copies of stored answers, as text, for a page that empties its storage: an unsent answer in full, and of a received
 * one only what keeps a change from becoming a second vote.
 * @type {{[name: string]: string}}
 */
const backups = {};

/**
 * Limit the lifetime of a record that was stored while the clock was ahead. The server's time of a receipt is right;
 * without a receipt the lifetime starts now.
 * @param {string} name
 * @param {StoredRecord} record
 */
const limitLifetime = (name, record) => {
  const latest = Date.now() + TWO_DAYS_MS;
  // The record ANY has no answer, and lives as long as the others.
  if (!record.answer || record.until <= latest) return;
  const savedAt = record.waits ? NaN : Date.parse(record.receipt?.saved_at ?? "");
  record.until = Math.min(savedAt + TWO_DAYS_MS || latest, latest);
  writeRecord(name, record);
};

/**
 * Return the record of a name, or nothing once its lifetime is over.
 * @param {string} name
 * @returns {StoredRecord | undefined}
 */
export const readRecord = (name) => {
  try {
    const text = memory[name] ?? localStorage[storagePrefix + name] ?? backups[name];
    // Most pages have no record. An exception would be slow, because the browser parses the script again to locate it.
    if (!text) return;
    const record = JSON.parse(text);
    limitLifetime(name, record);
    if (record.until > Date.now()) return record;
    delete backups[name];
  } catch {
    // Without storage, or with a foreign text, there is no record.
  }
};

/** Return whether the page emptied its storage after this record was stored. @param {string} name */
const wasCleared = (name) => backups[name] && !localStorage[storagePrefix + name];

/**
 * Keep a copy of an answer: all of it until its receipt, then only its ids and what it rates.
 * @param {string} name
 * @param {StoredRecord} record
 */
const backUp = (name, { born, until, waits, answer, receipt }) => {
  const text = memory[name] ?? localStorage[storagePrefix + name];
  backups[name] = text;
  if (waits) return;
  const { id, rev, lang, token, kind, subject, revision } = answer;
  const rest = { id, rev, lang, token, kind, subject, revision };
  // The card shows the receipt first, in the current task.
  setTimeout(() => {
    if (backups[name] != text) return;
    if (wasCleared(name)) delete memory[name];
    if (navigator.globalPrivacyControl) delete backups[name];
    else backups[name] = JSON.stringify({ born, until, answer: rest, receipt: { vote: receipt?.vote } });
  }, 0);
};

/** Drop the copies of received answers, because the page has another visitor. */
export const dropBackups = () => {
  for (const name in backups) if (!JSON.parse(backups[name]).waits) delete backups[name];
};

/**
 * Store a record, in memory where the browser does not store it. After the page emptied its storage, only another press
 * is stored there again.
 * @param {string} name
 * @param {any} record
 * @param {boolean} [isPress]
 */
export const writeRecord = (name, record, isPress) => {
  memory[name] = JSON.stringify(record);
  try {
    if (isPress || !wasCleared(name)) {
      localStorage[storagePrefix + name] = memory[name];
      delete memory[name];
    }
    if (record.answer?.id) backUp(name, record);
  } catch {
    // Storage is blocked or full, so the record stays in memory.
  }
};
