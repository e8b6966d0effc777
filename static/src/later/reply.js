// What the server's reply to an answer means for what is kept of it.
import { TWO_DAYS_MS } from "../constants.js";
import { alone, asked, memory, readRecord, refuses, sendAnswer, showState, writeRecord } from "./core.js";

/** @typedef {import("../store.js").StoredRecord} Kept */

/** Names whose answer waits for the next try. @type {Map<string, number>} */
const waiting = new Map();

addEventListener("online", () => {
  for (const [name, tries] of waiting) alone(() => sendAnswer(name, tries));
});

/** @param {string} name @param {Kept} kept @param {Response | void} response @param {number} tries */
const keep = (name, kept, response, tries) => {
  const wait = Math.max(2 ** Math.min(tries, 8) * (0.5 + Math.random()), asked(response)) * 1e3;
  if (asked(response)) writeRecord(name, { ...kept, due: Date.now() + wait });
  showState(name, memory[name] ? "open" : "kept");
  waiting.set(name, tries + 1);
  const again = () => alone(() => sendAnswer(name, tries + 1), () => setTimeout(again, wait));
  setTimeout(again, wait);
};

/**
 * Reads the reply and changes what is kept.
 * @param {string} name @param {Kept} sent @param {Response | void} response @param {number} tries
 * @returns {Promise<{state: "voted" | "changed" | "refused", code?: string, lost?: boolean} | void>} nothing when it
 * stays kept, or when a newer press has taken its place; `lost` when another answer than this one stands
 */
export const read = async (name, sent, response, tries) => {
  const reply = await response?.json().catch(() => {});
  const kept = readRecord(name);
  if (!kept?.waits || kept.answer.id != sent.answer.id || kept.answer.rev != sent.answer.rev) return;
  const received = response?.ok && reply?.rev;
  if (!received && !refuses(response)) return keep(name, kept, response, tries);
  waiting.delete(name);
  const receipt = received ? reply : kept.receipt;
  const answer = { ...kept.answer, score: receipt?.score ?? null };
  writeRecord(name, { ...kept, until: kept.born + TWO_DAYS_MS, waits: 0, due: 0, receipt, answer });
  const lost = answer.score != sent.answer.score;
  return { state: !received ? "refused" : kept.receipt ? "changed" : "voted", code: reply?.code, lost };
};
