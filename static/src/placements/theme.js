// The look of a site that has one: only custom properties and parts, as a page's own style sheet could set them.

/** The page's font, for a card that shall look like its page. */
const FONT = "--page-font";

/** @param {string} css rules for the tag, made and checked by the server (sites/themes.py) */
export default (css) => {
  const sheet = new CSSStyleSheet();
  const apply = () => sheet.replaceSync(css.replace(FONT, () => getComputedStyle(document.body ?? document.documentElement).fontFamily));
  apply();
  // The page's own font may be known only once its head and body are there.
  if (css.includes(FONT)) addEventListener("load", apply);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
};
