// What the adapters of chats made by others share: each part of a chat is told to the widget once, whatever repeats.

/**
 * @typedef {{target?: string, field?: string, idle_minutes?: number}} Options where the faces appear; the name under which
 *   the product gets the browser's hash; after how long a silence the chat is over
 */

/** Everything that others keep in the page. @type {any} */
export const page = globalThis;

/** Runs as soon as something of the vendor's is there: many load late, some only after the visitor consented.
 * @param {() => any} find @param {(found: any) => void} run @param {number} [wait] in ms; from try to try it grows to 5 s */
export const when = (find, run, wait = 100) => {
  const found = find();
  if (found) run(found);
  else setTimeout(() => when(find, run, Math.min(wait * 1.5, 5e3)), wait);
};

/** The record of the chat that this tab saw start, an earlier page of it too. See later/secret.js.
 * @returns {{conversation?: string} | undefined} */
const kept = () => {
  try {
    const name = Object.keys(sessionStorage).find((one) => /^tilfreds:[^:]*:chat$/.test(one));
    return name && JSON.parse(sessionStorage[name]);
  } catch {}
};

/** @param {any} id what the product calls it, if anything */
const text = (id) => (id == null ? undefined : String(id));

/**
 * A chat of one product.
 *
 * A start is what a visitor did: one whose visitor never wrote is nobody to ask. An end counts in the tab that saw the
 * start, for in every other tab the product tells of the same end; where several saw it, in the one that is seen first.
 */
export class Chat {
  /** Nothing where this page saw neither start nor end. @type {boolean | undefined} */
  runs;
  /** @type {string | undefined} */
  id;
  /** @type {any} */
  silence;
  /** An end that waits until the page is seen. @type {AbortController | undefined} */
  waiting;
  /** @type {BroadcastChannel | undefined} */
  tabs;

  /** @param {Options} options @param {((field: string, hash: string) => void)} [give] hands the hash to the product */
  constructor(options, give) {
    this.options = options;
    this.give = give;
    // The page's own word ends the part as well: what is said next is a new one.
    addEventListener("tilfreds:end", () => this.over(), true);
    const { ended } = page.tilfreds;
    page.tilfreds.ended = (/** @type {object} */ detail) => {
      this.over();
      return ended(detail);
    };
  }

  /** The visitor began, or wrote. @param {any} [conversation] its id, when the product shows one */
  start(conversation) {
    const id = text(conversation);
    if (!this.runs || (id && id != this.id)) {
      this.over();
      this.runs = true;
      this.id = id;
      this.listen();
      this.tell("start");
      this.handOver();
    }
    this.goes();
  }

  /** Something was said: a chat that runs is not silent. */
  goes() {
    const { idle_minutes } = this.options;
    clearTimeout(this.silence);
    if (this.runs && idle_minutes) this.silence = setTimeout(() => this.end(), idle_minutes * 6e4);
  }

  /** A chat of an earlier page of this tab may go on here. */
  resume() {
    const conversation = kept()?.conversation;
    if (this.runs == null && conversation) this.start(conversation);
  }

  /** It is over. @param {any} [conversation] */
  end(conversation) {
    const id = text(conversation);
    if (this.runs == null) {
      const before = kept();
      if (!before || (id && (before.conversation ?? id) != id)) return;
      this.id = id;
    } else if (!this.runs || (id && id != (this.id ?? id))) return;
    if (!document.hidden) return this.tellEnd();
    this.over();
    this.listen();
    this.waiting = new AbortController();
    document.addEventListener("visibilitychange", () => this.tellEnd(), { once: true, signal: this.waiting.signal });
  }

  tellEnd() {
    this.tabs?.postMessage(this.id ?? "");
    this.over();
    this.tell("end");
  }

  over() {
    this.runs = false;
    clearTimeout(this.silence);
    this.waiting?.abort();
    this.tabs?.close();
    this.tabs = undefined;
  }

  /** Another tab told of this end: the visitor sees the question there. */
  listen() {
    this.tabs = new BroadcastChannel("tilfreds:end");
    this.tabs.onmessage = ({ data }) => {
      if (document.hidden && data == (this.id ?? "")) this.over();
    };
  }

  /** @param {"start" | "end"} what */
  tell(what) {
    const { id, options } = this;
    const detail = { ...(id && { conversation: id }), ...(options.target && { target: options.target }) };
    document.dispatchEvent(new CustomEvent(`tilfreds:${what}`, { detail }));
  }

  handOver() {
    const { give, options } = this;
    const { field } = options;
    if (field && give)
      page.tilfreds
        .browser()
        .then((/** @type {string} */ hash) => give(field, hash))
        .catch((/** @type {Error} */ error) => console.info(`tilfreds: the hash was not handed over (${error.message})`));
  }
}
