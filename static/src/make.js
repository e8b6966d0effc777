/** @param {string} tag @param {object} properties @param {...(Node | string)} inside @returns {any} */
export const make = (tag, properties, ...inside) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
};

/** @param {string} line the path of a face */
export const draw = (line) => {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  path.setAttribute("d", line);
  svg.append(path);
  return svg;
};
