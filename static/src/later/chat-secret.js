import { TWO_DAYS_MS } from "../constants.js";
import { createRandomId } from "../random-id.js";
import { chat } from "./chat-state.js";
import { storagePrefix } from "./core.js";

/** @typedef {{secret: string, conversation?: string, born: number}} ChatRecord `born` in ms since 1970 */

const KEY = `${storagePrefix}chat`;

/** @returns {ChatRecord | undefined} */
const readRecord = () => {
  let record = chat.unstored;
  try {
    record = JSON.parse(sessionStorage[KEY]);
  } catch {
    // Nothing is stored, or storage is blocked.
  }
  if (!record) return;
  const now = Date.now();
  // A start in the future was stored while the clock was ahead.
  record.born = Math.min(record.born, now);
  if (now - record.born < TWO_DAYS_MS) return record;
};

/**
 * Return whether a chat is that of a record. A start without a conversation belongs to another chat.
 * @param {ChatRecord} record
 * @param {string | undefined} conversation
 * @param {boolean | undefined} isStart
 */
const isSameChat = (record, conversation, isStart) => {
  if (conversation) return (record.conversation ?? conversation) == conversation;
  return !isStart;
};

/**
 * Return the secret that proves this browser's part in the running chat, and store it. It ends with the tab, after 48
 * hours, or with the next chat.
 * @param {string} [conversation]
 * @param {boolean} [isStart]
 */
export const ensureSecret = (conversation, isStart) => {
  const previous = readRecord();
  const isSame = previous && isSameChat(previous, conversation, isStart);
  const record = isSame ? previous : { secret: createRandomId(), born: Date.now() };
  chat.unstored = { ...record, ...(conversation && { conversation }) };
  try {
    sessionStorage[KEY] = JSON.stringify(chat.unstored);
  } catch {
    // The record stays in memory for as long as the page lives.
  }
  return chat.unstored.secret;
};
