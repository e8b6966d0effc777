// DOM clobbering: markup without a script, such as `<img name="currentScript">` or a field of a form, replaces
// properties of the document and of forms. The widget reads all of them through this view.

/**
 * Return a view of the document or of a foreign element whose properties are the browser's, whatever names the page's
 * markup uses. Pass the node itself where an API needs a node.
 * @template {Node} Type
 * @param {Type} node
 * @returns {Type}
 */
export const unclobbered = (node) =>
  new Proxy(node, {
    get(target, property) {
      // Named elements hide the prototype's properties, so these are read from the prototype.
      const value = Reflect.get(Object.getPrototypeOf(target), property, target);
      return typeof value == "function" ? value.bind(target) : value;
    },
  });

export const safeDocument = unclobbered(document);
