// What somebody at this browser wants of the page. All is on until it is switched off, and stays so in this browser.
const PREFIX = "tilfreds:console:";
/** For browsers that keep nothing. @type {Map<string, boolean>} */
const kept = new Map();

/** @typedef {"keys" | "mark" | "sound"} Wish */

/** @param {Wish} wish */
export function wants(wish) {
  try {
    return localStorage.getItem(PREFIX + wish) !== "off";
  } catch {
    return kept.get(wish) ?? true;
  }
}

/** @param {Wish} wish @param {boolean} on */
function choose(wish, on) {
  kept.set(wish, on);
  try {
    if (on) localStorage.removeItem(PREFIX + wish);
    else localStorage.setItem(PREFIX + wish, "off");
  } catch {}
}

/** The page's dialog shows what is on, and changes it. @param {Document} page */
export function offerWishes(page) {
  const dialog = /** @type {HTMLDialogElement | null} */ (page.querySelector("dialog[data-wishes]"));
  const opener = /** @type {HTMLButtonElement | null} */ (page.querySelector("[data-opens=wishes]"));
  if (!dialog || !opener) return;
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (dialog.querySelectorAll("input[data-wish]"))) {
    const wish = /** @type {Wish} */ (box.dataset.wish);
    box.checked = wants(wish);
    box.addEventListener("change", () => choose(wish, box.checked));
  }
}
