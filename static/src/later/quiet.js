// Global Privacy Control: no id outlives the page, except that of an unsent answer.
import { memory, storagePrefix } from "./core.js";

/**
 * Move received answers from the browser's storage to the page's memory, where they can still be changed. The record
 * that remains in storage marks that the survey was shown, and has no id.
 */
const removeIds = () => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(storagePrefix)) continue;
      const record = JSON.parse(localStorage[key]);
      if (!record?.answer?.id || record.waits) continue;
      memory[key.slice(storagePrefix.length)] = localStorage[key];
      localStorage[key] = JSON.stringify({ off: 1, until: record.until, answer: {} });
    }
  } catch {
    // Without storage there is nothing to remove.
  }
};

for (const name of ["tilfreds:voted", "tilfreds:changed", "pagehide"]) addEventListener(name, removeIds);

/** Runs when the part loads. */
export default removeIds;
