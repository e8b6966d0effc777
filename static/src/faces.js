/** By ascending score; the look of words has none. The style sheet turns the lower thumb round. */
export { default as faces } from "faces";
