// What the server's reply to an answer means for what is kept of it.
import { TWO_DAYS_MS } from "../constants.js";
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
 * What became of an answer: `isLost` when another answer than this one is saved.
 * @typedef {{state: "voted" | "changed" | "refused", code?: string, isLost?: boolean}} Outcome
 */

/** The pause before the next try doubles up to 2^8 s, about four minutes. */
const MAX_DOUBLINGS = 8;

/** How often an answer was tried that waits for its next try, by name. @type {Map<string, number>} */
const failedTries = new Map();

addEventListener("online", () => {
  for (const [name, tries] of failedTries) runInOneTab(() => sendAnswer(name, tries));
});

/**
 * Keep an answer and send it again later.
 * @param {string} name
 * @param {StoredRecord} record
 * @param {Response | void} response
 * @param {number} tries
 */
const retryLater = (name, record, response, tries) => {
  const asked = retryAfterSeconds(response);
  const backoff = 2 ** Math.min(tries, MAX_DOUBLINGS) * (0.5 + Math.random());
  const delay = Math.max(backoff, asked) * 1000;
  if (asked) writeRecord(name, { ...record, due: Date.now() + delay });
  showState(name, memory[name] ? "open" : "kept");
  failedTries.set(name, tries + 1);
  const retry = () =>
    runInOneTab(
      () => sendAnswer(name, tries + 1),
      () => setTimeout(retry, delay),
    );
  setTimeout(retry, delay);
};

/**
 * Read the reply to an answer and change what is kept.
 * @param {string} name
 * @param {StoredRecord} sent
 * @param {Response | void} response
 * @param {number} tries
 * @returns {Promise<Outcome | void>} nothing when it stays kept, or when a newer press has taken its place
 */
export const readReply = async (name, sent, response, tries) => {
  const reply = await response?.json().catch(() => {});
  const record = readRecord(name);
  if (!record?.waits || record.answer.id != sent.answer.id || record.answer.rev != sent.answer.rev) return;
  const isReceived = Boolean(response?.ok && reply?.rev);
  if (!isReceived && !isRefusal(response)) {
    retryLater(name, record, response, tries);
    return;
  }
  failedTries.delete(name);
  const receipt = isReceived ? reply : record.receipt;
  // What is shown is the score that the server has.
  const answer = { ...record.answer, score: receipt?.score ?? null };
  writeRecord(name, { ...record, until: record.born + TWO_DAYS_MS, waits: 0, due: 0, receipt, answer });
  const isLost = answer.score != sent.answer.score;
  const savedState = record.receipt ? "changed" : "voted";
  return { state: isReceived ? savedState : "refused", code: reply?.code, isLost };
};
