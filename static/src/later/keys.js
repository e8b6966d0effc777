// Keeps keys and clicks in a card from what the page does with them: shortcuts, and links around the card.
import { instances, Rating } from "./surface.js";

/** Keys that write, edit or move in a field, or press a button. Others are for the browser and the page. */
const OWN_KEYS = /^(.|Arrow.+|Page.+|Home|End|Enter|Backspace|Delete)$/u;

/** @param {Element} [element] */
const isTextBox = (element) => element?.matches("input,textarea");

/** @param {KeyboardEvent} event */
const keepKey = (event) => {
  const { key, type, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || !OWN_KEYS.test(key)) return;
  const [active] = [...instances].flatMap(({ root }) => root.activeElement ?? []);
  // The browser types and presses after the event, so this stops the page only.
  if (active) event.stopImmediatePropagation();
  // A `<summary>` around a text box opens and closes when the space bar is released.
  if (type == "keyup" && isTextBox(active)) event.preventDefault();
};

/**
 * Prevent that a press follows a link around the card, except where the card reacts to a click: links, labels, files,
 * and buttons of follow-up questions, which submit their form. From a text box, Firefox and WebKit follow it, too.
 * @param {MouseEvent} event
 */
const keepClick = (event) => {
  const [clicked] = /** @type {(Element | undefined)[]} */ (event.composedPath());
  const isOwn = [...instances].some(({ root }) => root.contains(clicked?.closest?.("*") ?? null));
  if (isOwn && !clicked?.closest("a,form button") && !clicked?.matches("label,[type=file]")) event.preventDefault();
};

/** Listen once, and again after `open()` of the document removed every listener. */
export const keepEvents = () => {
  // Capturing at the window comes before all listeners of elements.
  for (const type of /** @type {const} */ (["keydown", "keypress", "keyup"])) addEventListener(type, keepKey, true);
  addEventListener("click", keepClick, true);
};

// The page's own listener at the window may come before. It sees the host as the target of the event, and shortcuts
// leave editable targets alone.
Object.defineProperty(Rating.prototype, "isContentEditable", {
  /** @this {import("../rating.js").Rating} */
  get() {
    return Boolean(isTextBox(this.root.activeElement ?? undefined));
  },
});
