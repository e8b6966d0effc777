// Applies a site's theme: only custom properties and parts, as a page's style sheet could set them.
import { safeDocument } from "../clobbering.js";

/** The server's placeholder for the page's font, for a card that looks like its page. */
const PAGE_FONT = "--page-font";

const readPageFont = () => getComputedStyle(safeDocument.body ?? safeDocument.documentElement).fontFamily;

/** @param {string} css rules for the tag, built by the server (sites/themes.py) */
export default (css) => {
  const sheet = new CSSStyleSheet();
  const apply = () => sheet.replaceSync(css.replace(PAGE_FONT, readPageFont));
  apply();
  // The page's font may be known only once its style sheets and its body have loaded.
  if (css.includes(PAGE_FONT)) addEventListener("load", apply);
  safeDocument.adoptedStyleSheets.push(sheet);
};
