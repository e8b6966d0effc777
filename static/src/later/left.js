// Answers that an earlier page, or another tab, could not send.
import { ANY } from "../constants.js";
import { alone, memory, readRecord, sendAnswer, storagePrefix } from "./core.js";

/** Every name that something is kept under; what is older than 48 hours is forgotten here. */
const names = () => {
  const found = Object.keys(memory);
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(storagePrefix)) continue;
      const name = key.slice(storagePrefix.length);
      if (readRecord(name)) found.push(name);
      else localStorage.removeItem(key);
    }
    if (String(found) == ANY) localStorage.removeItem(storagePrefix + ANY);
  } catch {}
  return found;
};

/** Sends what is left, but nothing before the server's wish. */
export const flush = () =>
  alone(async () => {
    for (const name of names()) {
      // Without a wish this is NaN, and no wait.
      const wait = /** @type {any} */ (readRecord(name)?.due) - Date.now();
      if (wait > 0) setTimeout(flush, wait);
      else await sendAnswer(name);
    }
  });
