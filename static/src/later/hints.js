// Explains in the browser's console why a tag does not show what its page asks for. Only such pages load this part.

/** @type {Record<string, (value?: string) => string>} */
const HINTS = {
  look: (look) => `This survey has no look "${look}". Remove the attribute, or choose "faces" or "words".`,
};

/**
 * @param {string} hint
 * @param {string} [value]
 */
export default (hint, value) => console.info(`tilfreds: ${HINTS[hint](value)}`);
