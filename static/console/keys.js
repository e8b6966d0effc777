// Keyboard shortcuts of one letter: not while the user types, not with a modifier, and only if they are switched on.
import { isEnabled } from "./preferences.js";

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => /** @type {HTMLElement | null} */ (document.activeElement?.closest("a.row"))?.click(),
  u: () => (current() ?? rows()[0])?.focus(),
  "/": () => /** @type {HTMLInputElement | null} */ (document.querySelector(".find input[type=search]"))?.focus(),
  "?": () => /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog[data-preferences]"))?.showModal(),
};

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
    if (!isEnabled("keys") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    act();
  });
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** @returns {HTMLElement[]} */
function rows() {
  return [...document.querySelectorAll(".rows a.row")].map((row) => /** @type {HTMLElement} */ (row));
}

/** Return the row of the open conversation. */
function current() {
  return rows().find((row) => row.getAttribute("aria-current"));
}

/** Move the focus along the list, from the focused row or else from the open one. @param {number} by */
function step(by) {
  const all = rows();
  const from = all.indexOf(/** @type {HTMLElement} */ (document.activeElement?.closest("a.row") ?? current()));
  const next = all[from < 0 ? 0 : Math.min(Math.max(from + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
