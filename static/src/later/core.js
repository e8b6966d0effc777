/**
 * What the served file hands to its later parts; widget.js names them in the same order.
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
] =
  /** @type {any} */ (customElements.get("tilfreds-rating")).core;

/** @param {string} why */
export const inform = (why) => console.info(`tilfreds: ${why}`);

/** A final no: the same request will not succeed later. @param {Response | undefined | void} response */
export const refuses = (response) => /^4(?!08|29)/.test(/** @type {any} */ (response?.status));

/** Seconds the server asked to wait. @param {Response | undefined | void} response */
export const asked = (response) => +(/** @type {any} */ (response?.headers.get("retry-after"))) || 0;

/** Runs while no other tab does, else does the other thing. @param {() => any} run @param {() => any} [otherwise] */
export const alone = (run, otherwise) => {
  if (!navigator.locks) return run();
  navigator.locks.request(storagePrefix, { ifAvailable: true }, (lock) => (lock ? run() : otherwise?.())).catch(run);
};
