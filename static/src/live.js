/** Every rating that stands in the page now. @type {Set<any | import("./rating.js").Drawn>} */
export const live = new Set();
