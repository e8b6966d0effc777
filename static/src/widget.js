// The served file starts here: it defines the element, hears the page, and hands its tools to the later parts.
import { ANY } from "./constants.js";
import { instances } from "./instances.js";
import { runPart } from "./parts.js";
import { saveAnswer, sendAnswer, showState } from "./queue.js";
import { Rating } from "./rating.js";
import { post } from "./requests.js";
import { settings } from "./settings.js";
import { memory, readRecord, storagePrefix, writeRecord } from "./store.js";

/**
 * @typedef {[typeof instances, typeof memory, typeof post, typeof storagePrefix, typeof readRecord, typeof saveAnswer,
 *   typeof sendAnswer, typeof settings, typeof showState, typeof writeRecord, typeof runPart]} Core
 */

const TAG = "tilfreds-rating";
/** How often elements look for attributes, or an address, that changed. */
const UPDATE_INTERVAL_MS = 200;

/** Hand news to the part for what happens in the page. See later/page.js. @param {object | string} [news] */
const tellPage = (news) => runPart("page", news);

/**
 * Hear an event of any rating in the page.
 * @param {string} name without the prefix
 * @param {(event: any) => void} listener
 * @param {boolean | AddEventListenerOptions} [options]
 */
const on = (name, listener, options) => addEventListener(`tilfreds:${name}`, listener, options);

/** The methods of `tilfreds`. Their types are in tilfreds.d.ts. */
const api = {
  ended: (/** @type {object} */ detail) => tellPage({ detail }),
  ask: (/** @type {object} */ ask) => tellPage({ ask }),
  on,
  browser: () => tellPage(),
};

const start = () => {
  customElements.define(TAG, Rating);
  // A file that a browser kept over an upgrade runs with newer parts, and these name the tools by their place: so the
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
  ];
  Object.assign(self, { tilfreds: api });
  // A capturing listener hears the events of any node, whether they bubble or not.
  on("start", tellPage, true);
  on("end", tellPage, true);
  setInterval(() => instances.forEach((rating) => rating.update()), UPDATE_INTERVAL_MS);
  // The first look into storage is slow, so the faces do not wait for it. Empty news stand for the start of the page.
  setTimeout(() => {
    if (readRecord(ANY)) tellPage("");
  });
};

// A page may hold the script twice; the first one serves it.
if (!customElements.get(TAG)) start();
