// What the adapters of chats made by others share: each start and end of a chat reaches the widget
// once, however often the product repeats its events.
import { safeDocument } from "./clobbering.js";

/**
 * `target` is where the faces appear, `field` the name under which the product gets the browser's hash, and
 * `idle_minutes` the silence after which the chat is over.
 * @typedef {{target?: string, field?: string, idle_minutes?: number}} Options
 *
 * The chat that this tab saw start. See later/chat-secret.js.
 * @typedef {{conversation?: string}} ChatRecord
 */

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5000;
const WAIT_GROWTH = 1.5;
const MINUTE_MS = 60_000;
/** The key in sessionStorage under which the widget keeps the running chat. */
const CHAT_KEY = /^tilfreds:[^:]*:chat$/;

/**
 * The variables that others keep in the page. An element whose id or name is that of a variable is none.
 * @type {any}
 */
export const page = new Proxy(globalThis, {
  get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : undefined),
});

/**
 * Run as soon as something of the vendor's is there: many load late, some only after the visitor consented.
 * @template Found
 * @param {() => Found} find
 * @param {(found: NonNullable<Found>) => void} run
 * @param {number} [waitMs] grows from try to try
 */
export const whenFound = (find, run, waitMs = FIRST_WAIT_MS) => {
  const found = find();
  if (found) run(found);
  else setTimeout(() => whenFound(find, run, Math.min(waitMs * WAIT_GROWTH, MAX_WAIT_MS)), waitMs);
};

/**
 * Return the chat that this tab saw start, on an earlier page too.
 * @returns {ChatRecord | undefined}
 */
const readChat = () => {
  try {
    const key = Object.keys(sessionStorage).find((name) => CHAT_KEY.test(name));
    if (key) return JSON.parse(sessionStorage[key]);
  } catch {
    // Without storage a chat does not go on over pages.
  }
};

/**
 * @param {any} id what the product calls a chat, if anything
 * @returns {string | undefined}
 */
const toText = (id) => (id == null ? undefined : String(id));

/**
 * A chat of one product.
 *
 * It starts when the visitor writes: without a message there is no question. Its end counts in the tab that saw the
 * start, for the product tells every other tab of the same end; where several tabs saw it, in the one that is seen
 * first.
 */
export class Chat {
  /** Undefined where this page saw neither start nor end. @type {boolean | undefined} */
  isRunning;
  /** @type {string | undefined} */
  id;
  /** Runs out when the chat is silent for too long. @type {ReturnType<typeof setTimeout> | undefined} */
  silenceTimer;
  /** Takes back an end that waits until the page is seen. @type {AbortController | undefined} */
  pendingEnd;
  /** @type {BroadcastChannel | undefined} */
  otherTabs;

  /**
   * @param {Options} options
   * @param {(field: string, hash: string) => void} [setField] hands the browser's hash to the product
   */
  constructor(options, setField) {
    this.options = options;
    this.setField = setField;
    // When the page itself reports the end, the chat is over here too, and the next message starts a new one.
    addEventListener("tilfreds:end", () => this.close(), true);
    const { ended } = page.tilfreds;
    page.tilfreds.ended = (/** @type {object} */ detail) => {
      this.close();
      return ended(detail);
    };
  }

  /**
   * The visitor started the chat, or wrote.
   * @param {any} [conversation] its id, when the product shows one
   */
  start(conversation) {
    const id = toText(conversation);
    const isOther = id && id != this.id;
    if (!this.isRunning || isOther) {
      this.close();
      this.isRunning = true;
      this.id = id;
      this.listenToTabs();
      this.dispatch("start");
      this.handOverHash();
    }
    this.continue();
  }

  /** Somebody wrote, so the silence starts again. */
  continue() {
    const { idle_minutes } = this.options;
    clearTimeout(this.silenceTimer);
    if (!this.isRunning || !idle_minutes) return;
    this.silenceTimer = setTimeout(() => this.end(), idle_minutes * MINUTE_MS);
  }

  /** Go on with a chat of an earlier page of this tab. */
  resume() {
    const conversation = readChat()?.conversation;
    if (this.isRunning == null && conversation) this.start(conversation);
  }

  /**
   * The product says that a chat is over.
   * @param {any} [conversation] its id, when the product shows one
   */
  end(conversation) {
    const id = toText(conversation);
    if (!this.isEnding(id)) return;
    if (!safeDocument.hidden) {
      this.dispatchEnd();
      return;
    }
    this.close();
    this.listenToTabs();
    this.pendingEnd = new AbortController();
    const { signal } = this.pendingEnd;
    safeDocument.addEventListener("visibilitychange", () => this.dispatchEnd(), { once: true, signal });
  }

  /**
   * Whether an end is that of this tab's chat.
   * @param {string | undefined} id
   */
  isEnding(id) {
    if (this.isRunning != null) return this.isRunning && (!id || id == (this.id ?? id));
    const earlier = readChat();
    if (!earlier || (id && id != (earlier.conversation ?? id))) return false;
    this.id = id;
    return true;
  }

  dispatchEnd() {
    this.otherTabs?.postMessage(this.id ?? "");
    this.close();
    this.dispatch("end");
  }

  /** Forget what runs or waits. */
  close() {
    this.isRunning = false;
    clearTimeout(this.silenceTimer);
    this.pendingEnd?.abort();
    this.otherTabs?.close();
    this.otherTabs = undefined;
  }

  /** Drop an end that another tab has reported, for the visitor sees the question there. */
  listenToTabs() {
    this.otherTabs = new BroadcastChannel("tilfreds:end");
    this.otherTabs.onmessage = ({ data }) => {
      if (safeDocument.hidden && data == (this.id ?? "")) this.close();
    };
  }

  /**
   * Report to the widget, as a page's own code does.
   * @param {"start" | "end"} name
   */
  dispatch(name) {
    const { id, options } = this;
    const detail = { ...(id && { conversation: id }), ...(options.target && { target: options.target }) };
    safeDocument.dispatchEvent(new CustomEvent(`tilfreds:${name}`, { detail }));
  }

  /** Give the product the hash that joins its chat to the visitor's browser. */
  async handOverHash() {
    const { setField } = this;
    const { field } = this.options;
    if (!field || !setField) return;
    try {
      setField(field, await page.tilfreds.browser());
    } catch (error) {
      console.info(`tilfreds: the hash was not handed over (${/** @type {Error} */ (error).message})`);
    }
  }
}
