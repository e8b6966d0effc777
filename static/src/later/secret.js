import { TWO_DAYS_MS } from "../constants.js";
import { createRandomId } from "../random-id.js";
import { storagePrefix } from "./core.js";
import { chat } from "./state.js";

/** @typedef {{secret: string, conversation?: string, born: number}} Chat */

const KEY = storagePrefix + "chat";

/** @returns {Chat | undefined} */
const stored = () => {
  let kept = chat.unstored;
  try {
    kept = JSON.parse(sessionStorage[KEY]);
  } catch {}
  if (kept && Date.now() - kept.born < TWO_DAYS_MS) return kept;
};

/**
 * The secret that shows this browser to be the one of the running chat. It ends with the tab, after 48 hours, or with
 * the next chat: another conversation, or a start that names none.
 * @param {string} [conversation] @param {boolean} [starts]
 */
export const secret = (conversation, starts) => {
  const old = stored();
  const same = old && (conversation ? (old.conversation ?? conversation) == conversation : !starts);
  chat.unstored = { ...(same ? old : { secret: createRandomId(), born: Date.now() }), ...(conversation && { conversation }) };
  try {
    sessionStorage[KEY] = JSON.stringify(chat.unstored);
  } catch {}
  return chat.unstored.secret;
};
