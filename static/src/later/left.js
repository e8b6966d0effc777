// Answers that an earlier page, or another tab, could not send.
import { alone, memory, prefix, recall, send } from "./core.js";

/** Every name that something is kept under; what is older than 48 hours is forgotten here. */
const names = () => {
  const found = Object.keys(memory);
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (recall(name)) found.push(name);
      else localStorage.removeItem(key);
    }
    if (String(found) == "any") localStorage.removeItem(prefix + "any");
  } catch {}
  return found;
};

/** Sends what is left, but nothing before the server's wish. */
export const flush = () =>
  alone(async () => {
    for (const name of names()) {
      // Without a wish this is NaN, and no wait.
      const wait = /** @type {any} */ (recall(name)?.due) - Date.now();
      if (wait > 0) setTimeout(flush, wait);
      else await send(name);
    }
  });
