// Creates elements and drawings without markup, because a page that requires Trusted Types forbids parsing HTML.
import { safeDocument } from "./clobbering.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Return a new element with these properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const createElement = (tag, properties, ...children) => {
  const element = Object.assign(safeDocument.createElement(tag), properties);
  element.append(...children);
  return element;
};

/**
 * Return a drawing of one line, such as a face.
 * @param {string} line the `d` of an SVG path
 */
export const createDrawing = (line) => {
  const svg = safeDocument.createElementNS(SVG_NAMESPACE, "svg");
  const path = safeDocument.createElementNS(SVG_NAMESPACE, "path");
  path.setAttribute("d", line);
  svg.append(path);
  return svg;
};

/**
 * Run once the page is parsed.
 * @param {() => void} run
 */
export const whenDomReady = (run) => {
  if (safeDocument.readyState == "loading") safeDocument.addEventListener("DOMContentLoaded", run);
  else run();
};

/**
 * Return an event that bubbles out of shadow roots, also where an old library has put its own class in the place of the
 * browser's.
 * @param {string} name without the prefix
 * @param {object} [detail]
 */
export const createEvent = (name, detail) => {
  const BrowserEvent = /** @type {typeof CustomEvent} */ (safeDocument.createEvent("CustomEvent").constructor);
  return new BrowserEvent(`tilfreds:${name}`, { bubbles: true, composed: true, detail });
};

/**
 * Add a style sheet to a shadow root once. In another document than this code's, later/documents.js copies it.
 * @param {ShadowRoot & {sheets?: CSSStyleSheet[]}} root
 * @param {CSSStyleSheet} sheet
 */
export const adoptSheet = (root, sheet) => {
  root.sheets ??= [];
  if (root.sheets.includes(sheet)) return;
  root.sheets.push(sheet);
  if (root.ownerDocument == document) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  else /** @type {import("./rating.js").Rating} */ (root.host).adoptedCallback?.();
};
