import { TWO_DAYS, prefix } from "./core.js";
import { chat } from "./state.js";

/** @typedef {{secret: string, conversation?: string, born: number}} Chat */

const KEY = prefix + "chat";

/** @returns {Chat | undefined} */
const stored = () => {
  let kept = chat.unstored;
  try {
    kept = JSON.parse(sessionStorage[KEY]);
  } catch {}
  if (kept && Date.now() - kept.born < TWO_DAYS) return kept;
};

/** 22 letters and digits: a little more than 128 random bits. */
const random = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(30)))).replace(/\W/g, "").slice(0, 22);

/**
 * The secret that shows this browser to be the one of the running chat. It ends with the tab, after 48 hours, or with
 * the next chat: another conversation, or a start that names none.
 * @param {string} [conversation] @param {boolean} [starts]
 */
export const secret = (conversation, starts) => {
  const old = stored();
  const same = old && (conversation ? (old.conversation ?? conversation) == conversation : !starts);
  chat.unstored = { ...(same ? old : { secret: random(), born: Date.now() }), ...(conversation && { conversation }) };
  try {
    sessionStorage[KEY] = JSON.stringify(chat.unstored);
  } catch {}
  return chat.unstored.secret;
};
