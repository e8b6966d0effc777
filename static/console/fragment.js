// A part of the page that is refreshed: never twice at a time, and with a pause between two reads.
import { morph, parseFragment } from "./morph.js";
import { showRelativeTimes } from "./relative_time.js";

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 5000;
/** A request that takes longer is aborted and repeated. */
const TIMEOUT_MS = 15000;

export class Fragment {
  /**
   * @param {string} place selector of the element with the address
   * @param {string} attribute the data attribute of the address
   * @param {string} name name of the fragment @param {number} pause milliseconds between two reads, at least
   */
  constructor(place, attribute, name, pause) {
    this.place = place;
    this.attribute = attribute;
    this.name = name;
    this.pause = pause;
    this.busy = false;
    this.again = false;
    this.begun = -Infinity;
    /** ETag of the latest response: the server returns an empty 304 if nothing changed. */
    this.tag = "";
    /** @type {(status: number) => void} */
    this.onRefused = () => {};
    this.onShown = () => {};
  }

  /** Read the fragment now, or after the pause. */
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
      // The stream announces a change once, so a failed read is repeated until it succeeds.
      if (failed) await rest(Math.min(FIRST_PAUSE_MS * 2 ** (failed - 1), MAX_PAUSE_MS) * (0.5 + Math.random()));
    } while (this.again || failed);
    this.busy = false;
  }

  /** Read once. Return false if a repeated read may succeed. */
  async once() {
    const address = this.address();
    if (!address) return true;
    const headers = this.tag ? { "If-None-Match": this.tag } : undefined;
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 304) return true;
    if (response.status === 429 || response.status >= 500) return false;
    if (!response.ok) {
      this.onRefused(response.status);
      return true;
    }
    const text = await response.text();
    // The user may have opened another conversation meanwhile, so that one is read instead.
    if (this.address()?.href === address.href) {
      this.show(text);
      this.tag = response.headers.get("ETag") ?? "";
    } else this.again = true;
    return true;
  }

  /** Drop the ETag, because another script replaced the content. */
  forget() {
    this.tag = "";
  }

  address() {
    const element = /** @type {HTMLElement | null} */ (document.querySelector(this.place));
    const source = element?.dataset[this.attribute];
    if (!source) return null;
    const address = new URL(source, location.href);
    address.searchParams.set("fragment", this.name);
    // The open conversation stays in a list of unread ones, although it is read now.
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

/** Return the id of the open conversation, "" for none. */
export function openConversation() {
  return /** @type {HTMLElement | null} */ (document.querySelector("[data-conversation]"))?.dataset.conversation ?? "";
}

/** Mark the row of the open conversation in the list. */
export function markCurrent() {
  const open = openConversation();
  for (const row of document.querySelectorAll(".row")) {
    if (/** @type {HTMLElement} */ (row).dataset.id === open) row.setAttribute("aria-current", "page");
    else row.removeAttribute("aria-current");
  }
}

/** Scroll to the latest rating, the reason why users open the page. */
export function showLastBand() {
  if (location.hash) return;
  const bands = document.querySelectorAll("main .band");
  bands[bands.length - 1]?.scrollIntoView({ block: "nearest" });
}

/** Return the element that scrolls: the column on wide screens, the page on phones. @param {Element | null} element */
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
