/** The rating elements that are connected to the page. @type {Set<import("./rating.js").Rating>} */
export const instances = new Set();
