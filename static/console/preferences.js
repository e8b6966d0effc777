// The preferences of this browser. Each is on until it is switched off, and the choice stays in this browser.
const PREFIX = "tilfreds:console:";
/** Used where localStorage is blocked. @type {Map<string, boolean>} */
const unsaved = new Map();

/** @typedef {"keys" | "mark" | "sound"} Preference */

/** @param {Preference} preference */
export function isEnabled(preference) {
  try {
    return localStorage.getItem(PREFIX + preference) !== "off";
  } catch {
    return unsaved.get(preference) ?? true;
  }
}

/** @param {Preference} preference @param {boolean} on */
function save(preference, on) {
  unsaved.set(preference, on);
  try {
    if (on) localStorage.removeItem(PREFIX + preference);
    else localStorage.setItem(PREFIX + preference, "off");
  } catch {}
}

/** Show the preferences in the page's dialog, and save each change. @param {Document} page */
export function setUpPreferences(page) {
  const dialog = /** @type {HTMLDialogElement | null} */ (page.querySelector("dialog[data-preferences]"));
  const opener = /** @type {HTMLButtonElement | null} */ (page.querySelector("[data-opens=preferences]"));
  if (!dialog || !opener) return;
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (dialog.querySelectorAll("input[data-preference]"))) {
    const preference = /** @type {Preference} */ (box.dataset.preference);
    box.checked = isEnabled(preference);
    box.addEventListener("change", () => save(preference, box.checked));
  }
}
