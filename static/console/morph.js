// Morphs the page into a fresh fragment, element by element by key: scroll position, focus and open details stay.

/** What the server wrote for an element, before this page touched it. @type {WeakMap<Element, string>} */
const sources = new WeakMap();
/** Browsers that know trusted types let only this policy make a document. @type {any} */
const factory = Reflect.get(self, "trustedTypes");
const policy = factory?.createPolicy("console", { createHTML: (/** @type {string} */ text) => text });

/** Parse a fragment into a document of its own, in which no script runs. @param {string} text */
export function parseFragment(text) {
  const made = new DOMParser().parseFromString(
    /** @type {any} */ (policy ? policy.createHTML(text) : text),
    "text/html",
  );
  remember(made);
  return made;
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
  for (const wanted of fresh.querySelectorAll("[data-keyed]")) {
    const place = document.querySelector(`[data-keyed="${wanted.getAttribute("data-keyed")}"]`);
    if (place) changed.push(...reconcile(place, wanted));
  }
  return changed;
}

/** @param {Element} place @param {Element} wanted */
function reconcile(place, wanted) {
  const changed = [];
  const kept = new Set([...wanted.children].map((child) => child.getAttribute("data-key")));
  for (const child of [...place.children]) if (!kept.has(child.getAttribute("data-key"))) child.remove();
  const old = new Map([...place.children].map((child) => [child.getAttribute("data-key"), child]));
  let before = place.firstElementChild;
  for (const child of [...wanted.children]) {
    const key = child.getAttribute("data-key");
    const existing = old.get(key);
    if (existing && sources.get(existing) === sources.get(child)) {
      if (existing === before) before = before.nextElementSibling;
      else place.insertBefore(existing, before);
      continue;
    }
    const made = adopt(child);
    changed.push(made);
    if (!existing) {
      place.insertBefore(made, before);
      continue;
    }
    if (existing === before) before = before.nextElementSibling;
    else place.insertBefore(existing, before);
    replace(existing, made);
  }
  return changed;
}

/** @param {Element} child */
function adopt(child) {
  const made = document.importNode(child, true);
  sources.set(made, sources.get(child) ?? "");
  return made;
}

/** Put `made` where `existing` is, with what the reader had opened and the place of the focus. @param {Element} existing @param {Element} made */
function replace(existing, made) {
  for (const open of existing.querySelectorAll("details[data-keep]")) {
    const same = made.querySelector(`details[data-keep="${open.getAttribute("data-keep")}"]`);
    if (!(same instanceof HTMLDetailsElement)) continue;
    same.open = /** @type {HTMLDetailsElement} */ (open).open;
    keepWriting(open, same);
  }
  const path = existing.contains(document.activeElement) ? pathTo(existing, document.activeElement) : null;
  existing.replaceWith(made);
  if (path) focusOn(path.reduce((/** @type {Element | undefined} */ at, index) => at?.children[index], made));
}

/** Keep form input and the caret across a refresh. @param {Element} open @param {Element} same */
function keepWriting(open, same) {
  for (const field of open.querySelectorAll("input:not([type=hidden])")) {
    const written = /** @type {HTMLInputElement} */ (field);
    const fresh = /** @type {HTMLInputElement | null} */ (same.querySelector(`input[name="${written.name}"]`));
    if (!fresh || written.value === written.defaultValue) continue;
    fresh.value = written.value;
    fresh.setSelectionRange(written.selectionStart, written.selectionEnd);
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
