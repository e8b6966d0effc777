import { TWO_DAYS_MS } from "../constants.js";

/**
 * The tools that the served file exposes to its later parts; widget.js lists them in the same order.
 * @type {import("../widget.js").Core}
 */
export const [
  instances,
  memory,
  post,
  storagePrefix,
  readRecord,
  saveAnswer,
  sendAnswer,
  settings,
  showState,
  writeRecord,
  runPart,
  copies,
] = /** @type {any} */ (customElements.get("tilfreds-rating")).core;

/** No answer lives longer, and a longer delay could overflow a timer, which then fires at once. */
const MAX_RETRY_AFTER_SECONDS = TWO_DAYS_MS / 1000;

/** A 4xx, except 408 (timeout) and 429 (too many requests), after which the same request may succeed. */
const REFUSAL = /^4(?!08|29)/;

/** @param {string} message */
export const inform = (message) => console.info(`tilfreds: ${message}`);

/**
 * Return whether a response is a final rejection: the same request will not succeed later. Only a problem document is
 * the server's own; an HTML page is that of something in between, such as a firewall or a sign-in page.
 * @param {Response | undefined | void} response
 */
export const isRefusal = (response) =>
  REFUSAL.test(String(response?.status)) && String(response?.headers.get("content-type")).includes("problem+json");

/**
 * Return the seconds of the Retry-After header within limits, or 0.
 * @param {Response | undefined | void} response
 */
export const retryAfterSeconds = (response) =>
  Math.min(Number(response?.headers.get("retry-after")) || 0, MAX_RETRY_AFTER_SECONDS);

/**
 * Run in one tab at a time, so that not every tab sends the same answers.
 * @param {() => any} run
 * @param {() => any} [otherwise] runs when another tab holds the lock
 */
export const runInOneTab = (run, otherwise) => {
  if (!navigator.locks) {
    run();
    return;
  }
  const onLock = (/** @type {Lock | null} */ lock) => (lock ? run() : otherwise?.());
  navigator.locks.request(storagePrefix, { ifAvailable: true }, onLock).catch(run);
};
