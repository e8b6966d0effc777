// Global Privacy Control: no id outlives the page, except that of an answer which still waits for the server.
import { memory, storagePrefix } from "./core.js";

/**
 * Move what was received from the browser's storage to the page's memory, where it can still be changed. What stays in
 * storage says that this was asked, and has no id.
 */
const forgetIds = () => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(storagePrefix)) continue;
      const record = JSON.parse(localStorage[key]);
      if (!record?.answer?.id || record.waits) continue;
      memory[key.slice(storagePrefix.length)] = localStorage[key];
      localStorage[key] = JSON.stringify({ off: 1, until: record.until, answer: {} });
    }
  } catch {
    // Without storage there is nothing to forget.
  }
};

for (const name of ["tilfreds:voted", "tilfreds:changed", "pagehide"]) addEventListener(name, forgetIds);

/** Runs when the part comes. */
export default forgetIds;
