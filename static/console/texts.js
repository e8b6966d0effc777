// Texts in the language of the page. The server writes their translations into it; English ones need none.

const source = document.querySelector("script[data-texts]");
/** @type {Record<string, string>} */
const translations = source ? JSON.parse(source.textContent ?? "{}") : {};

/** Translate a text of SCRIPT_TEXTS in widget_server/console/script_texts.py, and put a value in for `%(value)s`.
 * @param {string} text @param {string | number} value */
export function translate(text, value = "") {
  return (translations[text] ?? text).replace("%(value)s", () => `${value}`);
}
