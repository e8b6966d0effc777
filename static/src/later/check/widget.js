// The tools of the served file, which a page with an unknown key does not have.

/** @typedef {import("../../rating.js").Rating} Rating */

const tools = /** @type {{core?: import("../../widget.js").Core} | undefined} */ (customElements.get("tilfreds-rating"))
  ?.core;

/** The tools by name, in the order of widget.js; nothing without a widget. */
export const core = tools && {
  instances: tools[0],
  storagePrefix: tools[3],
  readRecord: tools[4],
  settings: /** @type {import("../../settings.js").Settings & {chat?: import("../chat-state.js").ChatState}} */ (
    tools[7]
  ),
};

/** Return the elements in the page. @returns {Rating[]} */
export const findRatings = () => [...(core?.instances ?? [])];

/** @param {Rating} rating */
export const kindOf = (rating) =>
  rating.getAttribute("kind") ?? (rating.hasAttribute("token") ? "conversation" : "article");

/** Return the card of an element; nothing while it shows none. @param {Rating} rating */
export const cardOf = (rating) => /** @type {HTMLElement | null} */ (rating.root.querySelector("[part=card]"));
