// An answer is kept first, then sent until its response was read.
import { ANY, NEVER, TWO_DAYS_MS } from "./constants.js";
import { instances } from "./instances.js";
import { runPart } from "./parts.js";
import { createRandomId } from "./random-id.js";
import { post } from "./requests.js";
import { memory, readRecord, writeRecord } from "./store.js";

/** The pause after the first failure; it doubles with every further one. */
const RETRY_DELAY_MS = 1000;
/** After so many doublings, which make about a minute, the pause grows no more. */
const MAX_DOUBLINGS = 5;

/**
 * Show the state of an answer in every element that asks for it.
 * @param {string} name
 * @param {string} [state] the name of a text
 */
export const showState = (name, state) => {
  for (const rating of instances) if (rating.name == name) rating.paint(state);
};

/** "open" until the page is left, where the browser stores nothing. @param {string} name */
const showKept = (name) => showState(name, memory[name] ? "open" : "kept");

/**
 * Keep the full answer so far, then send it.
 * @param {string} name
 * @param {object} change
 */
export const saveAnswer = (name, change) => {
  const now = Date.now();
  const previous = readRecord(name);
  // The next page looks into storage only if this is there.
  writeRecord(ANY, { until: NEVER });
  const rev = (previous?.answer.rev ?? 0) + 1;
  const answer = { id: createRandomId(), ...previous?.answer, ...change, rev };
  writeRecord(name, { born: now, ...previous, answer, until: now + TWO_DAYS_MS, waits: 1 });
  showState(name, "saving");
  sendAnswer(name);
};

/**
 * Send the answer that waits under a name. Its id and rev make repeated requests harmless.
 * @param {string} name
 * @param {number} [tries] how many failed before
 */
export const sendAnswer = async (name, tries = 0) => {
  const record = readRecord(name);
  if (!record?.waits) return;
  const pressedAt = record.until - TWO_DAYS_MS;
  // A clock that was set back must not make the age negative.
  const age_ms = Math.max(0, Date.now() - pressedAt);
  const response = post("votes", { ...record.answer, age_ms });
  // The part that reads the response is fetched meanwhile. Without it the answer stays kept and is sent again.
  const isRead = await runPart(record.answer.lang, "replied", record, response, name, tries);
  if (isRead) return;
  showKept(name);
  // The random part keeps browsers out of step that failed at the same time.
  const delay = RETRY_DELAY_MS * 2 ** (tries + Math.random());
  setTimeout(sendAnswer, delay, name, tries < MAX_DOUBLINGS ? tries + 1 : tries);
};
