// Sends answers that an earlier page, or another tab, could not send.
import { ANY, TWO_DAYS_MS } from "../constants.js";
import { instances, memory, readRecord, runInOneTab, sendAnswer, storagePrefix, writeRecord } from "./core.js";

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

/**
 * Limit the lifetime of records that were stored while the clock was ahead. The server's time of a receipt is right;
 * without a receipt the lifetime starts now.
 */
export const limitLifetimes = () => {
  const latest = Date.now() + TWO_DAYS_MS;
  for (const name of readNames()) {
    const record = readRecord(name);
    // The record ANY has no answer, and lives as long as the others.
    if (!record?.answer || record.until <= latest) continue;
    const savedAt = record.waits ? NaN : Date.parse(record.receipt?.saved_at ?? "");
    record.until = Math.min(savedAt + TWO_DAYS_MS || latest, latest);
    writeRecord(name, record);
    for (const rating of instances) {
      if (rating.name != name) continue;
      rating.name = "";
      rating.update();
    }
  }
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
