// Applies the server's reply to the stored answer.
import { TWO_DAYS_MS } from "../constants.js";
import { planShortening } from "./copies.js";
import {
  isRefusal,
  memory,
  readRecord,
  retryAfterSeconds,
  runInOneTab,
  sendAnswer,
  showState,
  writeRecord,
} from "./core.js";

/** @typedef {import("../store.js").StoredRecord} StoredRecord */

/**
 * The outcome of an answer: `isLost` when another answer than this one is saved.
 * @typedef {{state: "voted" | "changed" | "refused", code?: string, isLost?: boolean}} Outcome
 */

/** The pause before the next try doubles up to 2^8 s, about four minutes. */
const MAX_DOUBLINGS = 8;

/** The number of failed tries of each unsent answer, by name. @type {Map<string, number>} */
const failedTries = new Map();

const retryAll = () => {
  for (const [name, tries] of failedTries) runInOneTab(() => sendAnswer(name, tries));
};

/**
 * Keep an answer stored and send it again later.
 * @param {string} name
 * @param {StoredRecord} record
 * @param {Response | void} response
 * @param {number} tries
 */
const retryLater = (name, record, response, tries) => {
  const retryAfter = retryAfterSeconds(response);
  const backoff = 2 ** Math.min(tries, MAX_DOUBLINGS) * (0.5 + Math.random());
  const delay = Math.max(backoff, retryAfter) * 1000;
  // Storage that the page emptied stays empty, and the card says so.
  writeRecord(name, { ...record, due: retryAfter && Date.now() + delay });
  showState(name, memory[name] ? "open" : "kept");
  failedTries.set(name, tries + 1);
  addEventListener("online", retryAll);
  const retry = () =>
    runInOneTab(
      () => sendAnswer(name, tries + 1),
      () => setTimeout(retry, delay),
    );
  setTimeout(retry, delay);
};

/**
 * Read the reply to an answer and update the stored record.
 * @param {string} name
 * @param {StoredRecord} sentRecord
 * @param {Response | void} response
 * @param {number} tries
 * @returns {Promise<Outcome | void>} nothing when it stays stored, or when a newer press has replaced it
 */
export const readReply = async (name, sentRecord, response, tries) => {
  const reply = await response?.json().catch(() => {});
  const record = readRecord(name);
  const { id, rev, score } = sentRecord.answer;
  if (!record?.waits || record.answer.id != id || record.answer.rev != rev) return;
  const isReceived = Boolean(response?.ok && reply?.rev);
  if (!isReceived && !isRefusal(response)) {
    retryLater(name, record, response, tries);
    return;
  }
  failedTries.delete(name);
  const receipt = isReceived ? reply : record.receipt;
  // Show the score that the server has.
  const answer = { ...record.answer, score: receipt?.score ?? null };
  writeRecord(name, { ...record, until: record.born + TWO_DAYS_MS, waits: 0, due: 0, receipt, answer });
  planShortening(name);
  const isLost = answer.score != score;
  const savedState = record.receipt ? "changed" : "voted";
  return { state: isReceived ? savedState : "refused", code: reply?.code, isLost };
};
