import { TWO_DAYS_MS } from "../constants.js";
import { createRandomId } from "../random-id.js";
import { chat } from "./chat-state.js";
import { storagePrefix } from "./core.js";

/** @typedef {{secret: string, conversation?: string, born: number}} ChatRecord `born` in ms since 1970 */

const KEY = `${storagePrefix}chat`;

/** @returns {ChatRecord | undefined} */
const readStored = () => {
  let record = chat.unstored;
  try {
    record = JSON.parse(sessionStorage[KEY]);
  } catch {
    // Nothing is stored, or nothing can be.
  }
  if (record && Date.now() - record.born < TWO_DAYS_MS) return record;
};

/**
 * Whether a chat is the one of a record. A start that names no conversation is that of another chat.
 * @param {ChatRecord} record
 * @param {string | undefined} conversation
 * @param {boolean | undefined} isStart
 */
const isSameChat = (record, conversation, isStart) => {
  if (conversation) return (record.conversation ?? conversation) == conversation;
  return !isStart;
};

/**
 * Return the secret that shows this browser to be the one of the running chat, and keep it. It ends with the tab, after
 * 48 hours, or with the next chat.
 * @param {string} [conversation]
 * @param {boolean} [isStart]
 */
export const keepSecret = (conversation, isStart) => {
  const stored = readStored();
  const isSame = stored && isSameChat(stored, conversation, isStart);
  const record = isSame ? stored : { secret: createRandomId(), born: Date.now() };
  chat.unstored = { ...record, ...(conversation && { conversation }) };
  try {
    sessionStorage[KEY] = JSON.stringify(chat.unstored);
  } catch {
    // It stays in memory, for as long as the page lives.
  }
  return chat.unstored.secret;
};
