// The copies of answers that a page keeps in its memory, once the server has them.
import { TWO_DAYS_MS } from "../constants.js";
import { copies, memory, readRecord, storagePrefix } from "./core.js";

/** @typedef {import("../store.js").StoredRecord} StoredRecord */

/** @param {(record: StoredRecord) => boolean} isObsolete */
const dropCopies = (isObsolete) => {
  for (const name in copies) if (isObsolete(JSON.parse(copies[name]))) delete copies[name];
};

/** Drop the copies of received answers, because the page has another visitor. */
export const forgetVisitor = () => dropCopies(({ waits }) => !waits);

/**
 * Shorten the copy of a received answer to what keeps a change from becoming a second vote: its ids and what it rates.
 * @param {string} name
 */
const shortenCopy = (name) => {
  const record = readRecord(name);
  // A press after the receipt waits for its own. An older file keeps no copies.
  if (!record || record.waits || !copies?.[name]) return;
  const { born, until, answer, receipt } = record;
  const { id, rev, lang, token, kind, subject, revision } = answer;
  const rest = { id, rev, lang, token, kind, subject, revision };
  const wasCleared = !localStorage[storagePrefix + name];
  if (wasCleared) delete memory[name];
  if (navigator.globalPrivacyControl) delete copies[name];
  else copies[name] = JSON.stringify({ born, until, answer: rest, receipt: { vote: receipt?.vote } });
  setTimeout(dropCopies, TWO_DAYS_MS, (/** @type {StoredRecord} */ copy) => copy.until <= Date.now());
};

/** Shorten a copy later, because the card shows the receipt first, in the current task. @param {string} name */
export const planShortening = (name) => setTimeout(shortenCopy, 0, name);
