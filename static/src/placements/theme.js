// The look of a site that has one: only custom properties and parts, as a page's own style sheet could set them.
import { safeDocument } from "../clobbering.js";

/** The server writes this for the page's font, for a card that is to look like its page. */
const PAGE_FONT = "--page-font";

const readPageFont = () => getComputedStyle(safeDocument.body ?? safeDocument.documentElement).fontFamily;

/** @param {string} css rules for the tag, made and checked by the server (sites/themes.py) */
export default (css) => {
  const sheet = new CSSStyleSheet();
  const apply = () => sheet.replaceSync(css.replace(PAGE_FONT, readPageFont));
  apply();
  // The page's font may be known only once its style sheets and its body are there.
  if (css.includes(PAGE_FONT)) addEventListener("load", apply);
  safeDocument.adoptedStyleSheets.push(sheet);
};
