// Stores an answer first, then sends it until a response was read.
import { ANY, NEVER, TWO_DAYS_MS } from "./constants.js";
import { instances } from "./instances.js";
import { runPart } from "./parts.js";
import { createRandomId } from "./random-id.js";
import { post } from "./requests.js";
import { memory, readRecord, writeRecord } from "./store.js";

/**
 * Show the state of an answer in every element that rates the same thing.
 * @param {string} name
 * @param {string} [state] the name of a text
 */
export const showState = (name, state) => {
  for (const rating of instances) if (rating.name == name) rating.paint(state);
};

/**
 * Store the full answer so far, then send it.
 * @param {string} name
 * @param {object} change
 */
export const saveAnswer = (name, change) => {
  const now = Date.now();
  const previous = readRecord(name);
  // The next page looks for unsent answers only if this record exists.
  writeRecord(ANY, { until: NEVER }, true);
  const answer = { id: createRandomId(), rev: 0, ...previous?.answer, ...change };
  answer.rev++;
  // Another tab may have dismissed the survey.
  writeRecord(name, { born: now, ...previous, off: 0, answer, until: now + TWO_DAYS_MS, waits: 1 }, true);
  showState(name, "saving");
  sendAnswer(name);
};

/**
 * Send the unsent answer of a name. Its id and rev make repeated requests harmless.
 * @param {string} name
 * @param {number} [tries] the number of failed tries before
 */
export const sendAnswer = (name, tries = 0) => {
  const record = readRecord(name);
  if (!record?.waits) return;
  const pressedAt = record.until - TWO_DAYS_MS;
  // The age must not be negative after a clock was set back.
  const age_ms = Math.max(0, Date.now() - pressedAt);
  const response = post("votes", { ...record.answer, age_ms });
  // Without a response the part below may not load either.
  response.then((received) => received || showState(name, memory[name] ? "open" : "kept"));
  // The part that reads the response, and sends the answer again where needed, is fetched meanwhile.
  return runPart(record.answer.lang, "replied", record, response, name, tries);
};
