// A rating in a corner of the window: never over something else, never taking the focus, closed by its button or
// Escape.
import { sheet } from "./corner.css";
import { covered } from "./covered.js";
import { createElement } from "./dom.js";

/** What Escape may be meant for in a page. */
const THEIRS = "input,textarea,select,dialog,[role=dialog],[contenteditable]";
/** Pixels that a card needs beside an open chat. */
const ROOM = 300;

/** Higher than a launcher or a bar is nothing that leaves room above it. */
const LOW = 120;

/** Moves above a launcher or a bar. @param {HTMLElement} host @param {Element} other */
const above = (host, other) => {
  const { top, height } = other.getBoundingClientRect();
  if (height > LOW) return;
  for (const edge of ["above", "narrow"]) host.style.setProperty(`--${edge}`, `${innerHeight - top + 12}px`);
};

/** Moves to the side of what stands there, when the window is wide enough. @param {HTMLElement} host
 * @param {Element} other */
const aside = (host, other) => {
  const { left, right } = other.getBoundingClientRect();
  const atRight = host.getBoundingClientRect().right > innerWidth / 2;
  const taken = atRight ? innerWidth - left : right;
  if (innerWidth - taken >= ROOM + 32) host.style.setProperty("--beside", `${taken + 16}px`);
};

/**
 * @param {{side: "start" | "end", above: number, beside: number, narrow: number}} at pixels from the edges of the window;
 * `narrow` is the one below on a narrow window
 * @param {HTMLElement} rating
 * @returns {{host: HTMLElement, fit: (wanted: boolean, yields?: boolean) => void}} `fit` shows it when it is wanted and its place is
 * free; `yields` lets it move to the side of what is in its way
 */
export const corner = (at, rating) => {
  const host = createElement("div", { hidden: true }, rating);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  root.append(createElement("slot", {}));
  host.setAttribute("side", at.side);
  const back = () => ["above", "beside", "narrow"].map((edge) => host.style.setProperty(`--${edge}`, `${at[edge]}px`));
  back();
  document.body.append(host);
  closing(host, rating);
  const fit = (wanted, yields) => {
    // Who is at it is not disturbed.
    if (wanted && !host.hidden && host.contains(document.activeElement)) return;
    host.hidden = !wanted;
    if (!wanted) return;
    back();
    let other = covered(host);
    if (other) above(host, other);
    other &&= covered(host);
    if (other && yields) aside(host, other);
    // Measured and hidden again in one go: nothing of it is painted, nor seen.
    host.hidden = Boolean(other && (!yields || covered(host)));
  };
  return { host, fit };
};

/** Escape is the press on the card's own button; the focus goes back to where it came from.
 * @param {HTMLElement} host @param {HTMLElement} rating */
const closing = (host, rating) => {
  /** @type {any} */
  let before;
  host.addEventListener("focusin", ({ relatedTarget }) => {
    if (!host.contains(/** @type {any} */ (relatedTarget))) before = relatedTarget;
  });
  addEventListener("keydown", (event) => {
    const focused = document.activeElement;
    const theirs = !host.contains(focused) && focused?.closest(THEIRS);
    if (event.key != "Escape" || event.defaultPrevented || host.hidden || theirs) return;
    const card = /** @type {any} */ (rating.shadowRoot);
    // Leaving a comment's box saves it.
    card.activeElement?.blur();
    card.querySelector("[part=close]")?.click();
  });
  rating.addEventListener("tilfreds:dismissed", () => {
    const lost = host.contains(document.activeElement) || document.activeElement == document.body;
    host.hidden = true;
    if (lost) before?.focus({ preventScroll: true });
  });
};
