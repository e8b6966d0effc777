import lines from "faces";

/** By ascending score; the look of words has none. The style sheet turns the lower thumb round.
 * @type {Record<string, string[]>} */
export const faces = lines;
