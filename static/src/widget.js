// The entry of the served file: defines the element, listens to the page, and exposes its tools to the later parts.
import { ANY } from "./constants.js";
import { instances } from "./instances.js";
import { updateAll } from "./page-path.js";
import { runPart } from "./parts.js";
import { saveAnswer, sendAnswer, showState } from "./queue.js";
import { Rating } from "./rating.js";
import { post } from "./requests.js";
import { settings } from "./settings.js";
import { copies, memory, readRecord, storagePrefix, writeRecord } from "./store.js";

/**
 * @typedef {[typeof instances, typeof memory, typeof post, typeof storagePrefix, typeof readRecord, typeof saveAnswer,
 *   typeof sendAnswer, typeof settings, typeof showState, typeof writeRecord, typeof runPart, typeof copies]} Core
 */

const TAG = "tilfreds-rating";
/** The interval at which elements check for a changed attribute or address. */
const UPDATE_INTERVAL_MS = 200;
/** After this time the console explains why there is no card. */
const HINT_DELAY_MS = 4000;

/** Pass news to the part that handles the page. See later/page.js. @param {object | string} [news] */
const notifyPage = (news) => runPart("page", news);

/**
 * Listen to an event of any rating in the page.
 * @param {string} name without the prefix
 * @param {(event: any) => void} listener
 * @param {boolean | AddEventListenerOptions} [options]
 */
const on = (name, listener, options) => addEventListener(`tilfreds:${name}`, listener, options);

/** The methods of `tilfreds`. Their types are in tilfreds.d.ts. */
const api = {
  started: (/** @type {object} */ start) => notifyPage({ start }),
  ended: (/** @type {object} */ detail) => notifyPage({ detail }),
  ask: (/** @type {object} */ ask) => notifyPage({ ask }),
  on,
  browser: () => notifyPage(),
  // An error of the page's own code must not stop this file, and the adapters after it add to these methods first.
  push: (/** @type {(api: object) => any} */ run) => Promise.resolve(api).then(run),
};

/** Listen to chats, once, and again after `open()` of the document removed every listener. */
const listen = () => {
  // A capturing listener receives the events of any node, whether they bubble or not.
  on("start", notifyPage, true);
  on("end", notifyPage, true);
};

const start = () => {
  customElements.define(TAG, Rating);
  // A file that a browser cached before an upgrade runs with newer parts, which find the tools by position. So the
  // order never changes, and a new tool goes to the end.
  Rating.core = [
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
  ];
  // Before this file ran, the page may have left functions in an array. An element's name may be in its place.
  const page = /** @type {any} */ (globalThis);
  const queue = page.tilfreds;
  page.tilfreds = api;
  if (Array.isArray(queue)) queue.forEach(api.push);
  listen();
  setInterval(() => {
    listen();
    updateAll();
  }, UPDATE_INTERVAL_MS);
  setTimeout(() => {
    if (![...instances].some(({ root }) => root.firstChild)) runPart("hints");
  }, HINT_DELAY_MS);
  // The first access to storage is slow, so the faces do not wait for it. Empty news means the start of the page.
  setTimeout(() => {
    if (readRecord(ANY)) notifyPage("");
    // The link of a check that a person started in the console.
    if (/tilfreds=/.test(location.search)) runPart("check");
  });
};

// A page may include the script twice; the first copy serves it.
if (!customElements.get(TAG)) start();
