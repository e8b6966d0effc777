// Answers that an earlier page, or another tab, could not send.
import { ANY } from "../constants.js";
import { memory, readRecord, runInOneTab, sendAnswer, storagePrefix } from "./core.js";

/** Return every name that something is kept under, and remove what is older than 48 hours. */
const readNames = () => {
  const names = Object.keys(memory);
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(storagePrefix)) continue;
      const name = key.slice(storagePrefix.length);
      if (readRecord(name)) names.push(name);
      else localStorage.removeItem(key);
    }
    const isNothingLeft = names.length == 1 && names[0] == ANY;
    if (isNothingLeft) localStorage.removeItem(storagePrefix + ANY);
  } catch {
    // Without storage there are the names in memory.
  }
  return names;
};

/** Send what is left, each answer not before the server asked for it. */
export const sendUnsent = () =>
  runInOneTab(async () => {
    for (const name of readNames()) {
      const wait = (readRecord(name)?.due ?? 0) - Date.now();
      if (wait > 0) setTimeout(sendUnsent, wait);
      else await sendAnswer(name);
    }
  });
