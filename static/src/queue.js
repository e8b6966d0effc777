import { live } from "./live.js";
import { load, post } from "./server.js";
import { memory, recall, write } from "./store.js";

/** @param {string} name @param {string} [state] */
export const tell = (name, state) => live.forEach((rating) => rating.name == name && rating.paint(state));

/** Keeps the full answer so far, then sends it. @param {string} name @param {object} change */
export const save = (name, change) => {
  const born = Date.now();
  const until = born + 1728e5;
  const old = recall(name);
  // Says to the next page that there is something to send or to forget.
  write("any", { until: 9e99 });
  // 22 letters and digits: a little more than 128 random bits.
  const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(30)))).replace(/\W/g, "").slice(0, 22);
  // One rev more than before; the first is 1.
  const answer = { id, ...old?.answer, ...change, rev: -~(/** @type {any} */ (old)?.answer.rev) };
  write(name, { born, ...old, answer, until, waits: 1 });
  tell(name, "saving");
  send(name);
};

/** Sends what waits under a name while the part is fetched that reads the reply; without it the answer stays kept and is
 * sent again. Id and rev make repeats harmless. @param {string} name @param {number} [tries] */
export const send = async (name, tries = 0) => {
  const kept = recall(name);
  if (!kept?.waits) return;
  const age_ms = Math.max(0, Date.now() + 1728e5 - kept.until);
  const response = post("votes", { ...kept.answer, age_ms });
  if (await load(kept.answer.lang, "replied", kept, response, name, tries)) return;
  tell(name, memory[name] ? "open" : "kept");
  // Twice as long with every try, up to a minute, and never in step with other browsers.
  setTimeout(send, 1e3 * 2 ** (tries + Math.random()), name, tries + /** @type {any} */ (tries < 5));
};
