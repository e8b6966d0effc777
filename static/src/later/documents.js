// Style sheets of a card that the page moved to another document, such as a frame or a window.
/** @typedef {ShadowRoot & {sheets?: CSSStyleSheet[]}} Root `sheets` has those that later parts added: see ../dom.js */

/**
 * Copy sheets, because a document accepts only those that it constructed itself.
 * @param {Root} root
 * @param {CSSStyleSheet} cardSheet
 */
export default (root, cardSheet) => {
  const { defaultView } = root.ownerDocument;
  const sheets = [cardSheet, ...(root.sheets ?? [])];
  if (root.ownerDocument == document) root.adoptedStyleSheets = sheets;
  if (root.ownerDocument == document || !defaultView) return;
  root.adoptedStyleSheets = sheets.map(({ cssRules }) => {
    const copy = new /** @type {any} */ (defaultView).CSSStyleSheet();
    for (const { cssText } of cssRules) copy.insertRule(cssText, copy.cssRules.length);
    return copy;
  });
};
