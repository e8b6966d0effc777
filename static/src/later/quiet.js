// Global Privacy Control: no id outlives the page, but that of an answer which still waits for the server.
import { memory, storagePrefix } from "./core.js";

/** What was received moves from the browser's storage to the page's memory, where it can still be changed. What stays says
 * that this was asked, and bears no id. */
const forget = () => {
  try {
    for (const key of Object.keys(localStorage)) {
      const kept = key.startsWith(storagePrefix) && JSON.parse(localStorage[key]);
      if (!kept?.answer?.id || kept.waits) continue;
      memory[key.slice(storagePrefix.length)] = localStorage[key];
      localStorage[key] = JSON.stringify({ off: 1, until: kept.until, answer: {} });
    }
  } catch {}
};

for (const what of ["tilfreds:voted", "tilfreds:changed", "pagehide"]) addEventListener(what, forget);

/** Runs when the part comes. */
export default forget;
