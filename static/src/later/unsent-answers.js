// Sends answers that an earlier page, or another tab, could not send.
import { ANY, TWO_DAYS_MS } from "../constants.js";
import { memory, readRecord, runInOneTab, sendAnswer, storagePrefix } from "./core.js";

/** Return the name of every record, and remove records older than 48 hours. */
const readNames = () => {
  const names = Object.keys(memory);
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(storagePrefix)) continue;
      const name = key.slice(storagePrefix.length);
      if (readRecord(name)) names.push(name);
      else localStorage.removeItem(key);
    }
    const isEmpty = names.length == 1 && names[0] == ANY;
    if (isEmpty) localStorage.removeItem(storagePrefix + ANY);
  } catch {
    // Without storage only memory has names.
  }
  return names;
};

/** Send the unsent answers, each not before its Retry-After has passed. */
export const sendUnsent = () =>
  runInOneTab(async () => {
    for (const name of readNames()) {
      const wait = (readRecord(name)?.due ?? 0) - Date.now();
      // A longer wait was stored while the clock was ahead.
      if (wait > 0 && wait <= TWO_DAYS_MS) setTimeout(sendUnsent, wait);
      else await sendAnswer(name);
    }
  });
