/** The element fixed to the window that one belongs to, its own shadow roots included. @param {any} node
 * @returns {Element | undefined} */
const fixed = (node) =>
  node instanceof Element && getComputedStyle(node).position == "fixed"
    ? node
    : node && fixed(node.parentNode ?? node.host);

/** What the page shows at a point beside `mine`, down to the inside of open shadow roots.
 * @param {number} x @param {number} y @param {Element} mine @returns {Element | undefined} */
const at = (x, y, mine) => {
  let node = document.elementsFromPoint(x, y).find((one) => !mine.contains(one));
  for (let inner; (inner = node?.shadowRoot?.elementFromPoint(x, y)) && inner != node; ) node = inner;
  return node;
};

/** Whether something fixed is what the whole page lies in, and no window over it. @param {Element} frame
 * @param {Element} node what is seen of it */
const isPage = (frame, node) => {
  const { width, height } = frame.getBoundingClientRect();
  const window = node.tagName == "IFRAME" || node.closest("dialog,[role=dialog]");
  return !window && width > innerWidth * 0.95 && height > innerHeight * 0.95;
};

/** What already stands fixed where `mine` is: an open chat, its launcher, a notice, a dialog. Looks at points closer to each
 * other than any of these is small. @param {Element} mine @returns {Element | undefined} */
export const covered = (mine) => {
  const { left, top, width, height } = mine.getBoundingClientRect();
  const [columns, rows] = [Math.ceil(width / 44), Math.ceil(height / 44)];
  for (let step = 0; step < columns * rows; step++) {
    const node = at(left + ((step % columns) + 0.5) * (width / columns), top + (Math.floor(step / columns) + 0.5) * (height / rows), mine);
    const frame = fixed(node);
    if (frame && !isPage(frame, /** @type {Element} */ (node))) return frame;
  }
};
