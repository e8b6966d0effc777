// One part of the page that can be read again: never twice at a time, and not more often than it may.
import { morph, parseFragment } from "./morph.js";
import { showRelativeTimes } from "./relative_time.js";

const FIRST_PAUSE = 1000;
const MAX_PAUSE_MS = 5000;
/** A reading that takes longer is taken for dead, and begun again. */
const PATIENCE = 15000;

export class Fragment {
  /**
   * @param {string} place selector of the element that bears the address @param {string} attribute its data attribute
   * @param {string} name what the address is asked for @param {number} pause least milliseconds between two readings
   */
  constructor(place, attribute, name, pause) {
    this.place = place;
    this.attribute = attribute;
    this.name = name;
    this.pause = pause;
    this.busy = false;
    this.again = false;
    this.begun = -Infinity;
    /** Of what was shown last at this address: the server answers in a line when nothing else is there. */
    this.tag = "";
    /** @type {(status: number) => void} */
    this.onRefused = () => {};
    this.onShown = () => {};
  }

  /** Read it now, or as soon as it may be. */
  async read() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    let failed = 0;
    do {
      this.again = false;
      await rest(this.begun + this.pause - performance.now());
      this.begun = performance.now();
      failed = (await this.once().catch(() => false)) ? 0 : failed + 1;
      // The stream tells a change once: a reading that failed stays owed, whatever the stream does meanwhile.
      if (failed) await rest(Math.min(FIRST_PAUSE * 2 ** (failed - 1), MAX_PAUSE_MS) * (0.5 + Math.random()));
    } while (this.again || failed);
    this.busy = false;
  }

  /** One reading. False when another may fare better. */
  async once() {
    const address = this.address();
    if (!address) return true;
    const headers = this.tag ? { "If-None-Match": this.tag } : undefined;
    const answer = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 304) return true;
    if (answer.status === 429 || answer.status >= 500) return false;
    if (!answer.ok) {
      this.onRefused(answer.status);
      return true;
    }
    const text = await answer.text();
    // Another conversation may have been chosen while this one was read: then it is read once more.
    if (this.address()?.href === address.href) {
      this.show(text);
      this.tag = answer.headers.get("ETag") ?? "";
    } else this.again = true;
    return true;
  }

  /** Somebody else put something in this place: the next reading is a whole one. */
  forget() {
    this.tag = "";
  }

  address() {
    const element = /** @type {HTMLElement | null} */ (document.querySelector(this.place));
    const source = element?.dataset[this.attribute];
    if (!source) return null;
    const address = new URL(source, location.href);
    address.searchParams.set("fragment", this.name);
    // What is open stays in a list of unread ones though it was just seen.
    if (this.name === "list" && address.searchParams.get("status") === "unread")
      address.searchParams.set("open", openConversation());
    return address;
  }

  /** @param {string} text */
  show(text) {
    const scroller = scrollerOf(document.querySelector(this.place));
    const atEnd = this.name === "transcript" && isAtEnd(scroller);
    const changed = morph(parseFragment(text));
    markCurrent();
    showRelativeTimes(document);
    if (atEnd && changed.length) scroller.scrollTop = scroller.scrollHeight;
    const says = changed.map((element) => element.getAttribute("data-says")).filter(Boolean);
    const voice = document.querySelector(".spoken[role=status]");
    if (voice && says.length) voice.textContent = says.join(". ");
    this.onShown();
  }
}

/** @param {number} milliseconds */
function rest(milliseconds) {
  return milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : undefined;
}

/** The conversation that is open, "" for none. */
export function openConversation() {
  return /** @type {HTMLElement | null} */ (document.querySelector("[data-conversation]"))?.dataset.conversation ?? "";
}

/** Which row of the list is the open conversation. */
export function markCurrent() {
  const open = openConversation();
  for (const row of document.querySelectorAll(".row")) {
    if (/** @type {HTMLElement} */ (row).dataset.id === open) row.setAttribute("aria-current", "page");
    else row.removeAttribute("aria-current");
  }
}

/** Bring the newest answer into view: it is what one comes for. */
export function showLastBand() {
  if (location.hash) return;
  const bands = document.querySelectorAll("main .band");
  bands[bands.length - 1]?.scrollIntoView({ block: "nearest" });
}

/** The element that scrolls: the column on a desk, the page on a phone. @param {Element | null} element */
function scrollerOf(element) {
  const page = document.scrollingElement ?? document.documentElement;
  return element && getComputedStyle(element).overflowY === "auto" ? element : page;
}

/** @param {Element} scroller */
function isAtEnd(scroller) {
  return (
    scroller.scrollHeight > scroller.clientHeight &&
    scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80
  );
}
