// Morphs the page into a fresh fragment, element by element by key: scroll position, focus and open details stay.

/** What the server wrote for an element, before this page touched it. @type {WeakMap<Element, string>} */
const sources = new WeakMap();
/** Browsers that know trusted types let only this policy make a document. @type {any} */
const factory = Reflect.get(self, "trustedTypes");
const policy = factory?.createPolicy("console", { createHTML: (/** @type {string} */ text) => text });

/** Parse a fragment into a separate document, in which no script runs. @param {string} text */
export function parseFragment(text) {
  const fragmentDocument = new DOMParser().parseFromString(
    /** @type {any} */ (policy ? policy.createHTML(text) : text),
    "text/html",
  );
  remember(fragmentDocument);
  return fragmentDocument;
}

/** Remember what the server wrote; call it before anything in `root` is changed. @param {Document | Element} root */
export function remember(root) {
  for (const element of root.querySelectorAll("[data-key]")) sources.set(element, element.outerHTML);
}

/**
 * Update the keyed lists of the page to match those of the fragment.
 * @param {Document} fresh
 * @returns {Element[]} the elements that are new or were replaced
 */
export function morph(fresh) {
  /** @type {Element[]} */
  const changed = [];
  for (const target of fresh.querySelectorAll("[data-keyed]")) {
    const place = document.querySelector(`[data-keyed="${target.getAttribute("data-keyed")}"]`);
    if (place) changed.push(...reconcile(place, target));
  }
  return changed;
}

/** @param {Element} place @param {Element} target */
function reconcile(place, target) {
  const changed = [];
  const keys = new Set([...target.children].map((child) => child.getAttribute("data-key")));
  for (const child of [...place.children]) if (!keys.has(child.getAttribute("data-key"))) child.remove();
  const old = new Map([...place.children].map((child) => [child.getAttribute("data-key"), child]));
  let before = place.firstElementChild;
  for (const child of [...target.children]) {
    const key = child.getAttribute("data-key");
    const existing = old.get(key);
    if (existing && sources.get(existing) === sources.get(child)) {
      if (existing === before) before = before.nextElementSibling;
      else place.insertBefore(existing, before);
      continue;
    }
    const replacement = adopt(child);
    changed.push(replacement);
    if (!existing) {
      place.insertBefore(replacement, before);
      continue;
    }
    if (existing === before) before = before.nextElementSibling;
    else place.insertBefore(existing, before);
    replace(existing, replacement);
  }
  return changed;
}

/** @param {Element} child */
function adopt(child) {
  const replacement = document.importNode(child, true);
  sources.set(replacement, sources.get(child) ?? "");
  return replacement;
}

/**
 * Put `replacement` where `existing` is, and keep open details and the focus.
 *
 * @param {Element} existing
 * @param {Element} replacement
 */
function replace(existing, replacement) {
  for (const open of existing.querySelectorAll("details[data-keep]")) {
    const same = replacement.querySelector(`details[data-keep="${open.getAttribute("data-keep")}"]`);
    if (!(same instanceof HTMLDetailsElement)) continue;
    same.open = /** @type {HTMLDetailsElement} */ (open).open;
    keepInput(open, same);
  }
  const path = existing.contains(document.activeElement) ? pathTo(existing, document.activeElement) : null;
  existing.replaceWith(replacement);
  if (path) focusOn(path.reduce((/** @type {Element | undefined} */ at, index) => at?.children[index], replacement));
}

/** Keep form input and the caret across a refresh. @param {Element} open @param {Element} same */
function keepInput(open, same) {
  for (const field of open.querySelectorAll("input:not([type=hidden])")) {
    const edited = /** @type {HTMLInputElement} */ (field);
    const fresh = /** @type {HTMLInputElement | null} */ (same.querySelector(`input[name="${edited.name}"]`));
    if (!fresh || edited.value === edited.defaultValue) continue;
    fresh.value = edited.value;
    fresh.setSelectionRange(edited.selectionStart, edited.selectionEnd);
  }
}

/** @param {Element} root @param {Element | null} element */
function pathTo(root, element) {
  const path = [];
  for (let at = element; at && at !== root; at = at.parentElement) {
    path.unshift(at.parentElement ? [...at.parentElement.children].indexOf(at) : 0);
  }
  return path;
}

/** @param {Element | undefined} element */
function focusOn(element) {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
