// The served file: the element, its queue, and the doors to the later parts.
import { live } from "./live.js";
import { save, send, tell } from "./queue.js";
import { Rating } from "./rating.js";
import { load, post } from "./server.js";
import { settings } from "./settings.js";
import { memory, prefix, recall, write } from "./store.js";

/** @typedef {[typeof live, typeof memory, typeof post, typeof prefix, typeof recall, typeof save, typeof send,
 *   typeof settings, typeof tell, typeof write, typeof load]} Core */

const TAG = "tilfreds-rating";

// A page may hold the script twice; the first one serves it.
if (!customElements.get(TAG)) {
  customElements.define(TAG, Rating);
  /** @type {any} */ (Rating).core = [live, memory, post, prefix, recall, save, send, settings, tell, write, load];
  /** @param {object | ""} [what] */
  const news = (what) => load("page", what);
  const on = (what, hear, how) => addEventListener("tilfreds:" + what, hear, how);
  // The types are in tilfreds.d.ts.
  /** @type {any} */ (self).tilfreds = {
    ended: (detail) => news({ detail }),
    ask: (ask) => news({ ask }),
    on,
    browser: news,
  };
  // Capturing hears the events of any node, whether they bubble or not.
  on("start", news, true);
  on("end", news, true);
  setInterval(() => live.forEach((rating) => rating.update()), 200);
  // Not at once: the first look into storage is slow, and the faces do not wait for it.
  setTimeout(() => recall("any") && news(""));
}
