// Shared by the adapters of chat products: reports each start and end of a chat to the widget once, however often the
// product repeats its events.
import { safeDocument } from "./clobbering.js";
import { createEvent } from "./dom.js";

/**
 * `target` is where the survey appears, `field` the name under which the product receives the browser's hash, and
 * `idle_minutes` the silence that ends the chat.
 * @typedef {{target?: string, field?: string, idle_minutes?: number}} Options
 *
 * A chat that started in this tab. See later/chat-secret.js.
 * @typedef {{conversation?: string}} ChatRecord
 */

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5000;
const WAIT_GROWTH = 1.5;
const MINUTE_MS = 60_000;
/** The key in sessionStorage under which the widget stores the running chat. */
const CHAT_KEY = /^tilfreds:[^:]*:chat$/;

/**
 * The global variables that vendors and the page define, without elements that the browser exposes by id or name.
 * @type {any}
 */
export const page = new Proxy(globalThis, {
  get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : undefined),
});

/**
 * Run as soon as the vendor's object exists. Many load late, some only after the visitor's consent.
 * @template Vendor
 * @param {() => Vendor} findVendor
 * @param {(vendor: NonNullable<Vendor>) => void} run
 * @param {number} [waitMs] grows from try to try
 */
export const whenAvailable = (findVendor, run, waitMs = FIRST_WAIT_MS) => {
  const vendor = findVendor();
  if (vendor) run(vendor);
  else setTimeout(() => whenAvailable(findVendor, run, Math.min(waitMs * WAIT_GROWTH, MAX_WAIT_MS)), waitMs);
};

/**
 * Return the chat that started in this tab, on an earlier page too.
 * @returns {ChatRecord | undefined}
 */
const readChat = () => {
  try {
    const key = Object.keys(sessionStorage).find((name) => CHAT_KEY.test(name));
    if (key) return JSON.parse(sessionStorage[key]);
  } catch {
    // Without storage a chat does not continue on the next page.
  }
};

/**
 * @param {any} id the product's id of a chat, if it has one
 * @returns {string | undefined}
 */
const toText = (id) => (id == null ? undefined : String(id));

/**
 * A chat of one product.
 *
 * It starts when the visitor writes, because without a message there is no survey. The product reports an end to every
 * tab, so the end counts in the tab where the chat started; of several such tabs, in the first visible one.
 */
export class Chat {
  /** Undefined before this page received a start or an end. @type {boolean | undefined} */
  isRunning;
  /** @type {string | undefined} */
  id;
  /** Ends the chat after too long a silence. @type {ReturnType<typeof setTimeout> | undefined} */
  silenceTimer;
  /** Cancels an end that waits until the page is visible. @type {AbortController | undefined} */
  pendingEnd;
  /** @type {BroadcastChannel | undefined} */
  otherTabs;

  /**
   * @param {Options} options
   * @param {(field: string, hash: string) => void} [setField] passes the browser's hash to the product
   */
  constructor(options, setField) {
    this.options = options;
    this.setField = setField;
    // When the page itself reports the end, close the chat here too, so that the next message starts a new one.
    addEventListener("tilfreds:end", () => this.close(), true);
    const { ended } = page.tilfreds;
    page.tilfreds.ended = (/** @type {object} */ detail) => {
      this.close();
      return ended(detail);
    };
  }

  /**
   * Start the chat, or continue it, because the visitor wrote.
   * @param {any} [conversation] its id, when the product exposes one
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
      this.passHash();
    }
    this.continue();
  }

  /** Restart the silence timer after a message. */
  continue() {
    const { idle_minutes } = this.options;
    clearTimeout(this.silenceTimer);
    if (!this.isRunning || !idle_minutes) return;
    this.silenceTimer = setTimeout(() => this.end(), idle_minutes * MINUTE_MS);
  }

  /** Continue a chat of an earlier page of this tab. */
  resume() {
    const conversation = readChat()?.conversation;
    if (this.isRunning == null && conversation) this.start(conversation);
  }

  /**
   * End the chat, as the product reported; in a hidden page only once it is visible.
   * @param {any} [conversation] its id, when the product exposes one
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
   * Return whether an end belongs to this tab's chat.
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

  /** Drop the running chat and its pending end. */
  close() {
    this.isRunning = false;
    clearTimeout(this.silenceTimer);
    this.pendingEnd?.abort();
    this.otherTabs?.close();
    this.otherTabs = undefined;
  }

  /** Drop an end that another tab has reported, because the visitor sees the survey there. */
  listenToTabs() {
    this.otherTabs = new BroadcastChannel("tilfreds:end");
    this.otherTabs.onmessage = ({ data }) => {
      if (safeDocument.hidden && data == (this.id ?? "")) this.close();
    };
  }

  /**
   * Report a start or an end to the widget, as a page's code does.
   * @param {"start" | "end"} name
   */
  dispatch(name) {
    const { id, options } = this;
    const detail = { ...(id && { conversation: id }), ...(options.target && { target: options.target }) };
    safeDocument.dispatchEvent(createEvent(name, detail));
  }

  /** Pass the product the hash that links its chat to the visitor's browser. */
  async passHash() {
    const { setField } = this;
    const { field } = this.options;
    if (!field || !setField) return;
    try {
      setField(field, await page.tilfreds.browser());
    } catch (error) {
      console.info(`tilfreds: Cannot pass the browser's hash to the chat: ${/** @type {Error} */ (error).message}`);
    }
  }
}
