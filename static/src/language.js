import { unclobbered } from "./clobbering.js";

/**
 * Return the language of the texts that is nearest to a tag: "pt-BR", then "pt". Case does not matter.
 * @param {string | null | undefined} tag
 * @param {Record<string, unknown>} texts by language
 * @returns {string | undefined} nothing when there is none
 */
const findNearest = (tag, texts) => {
  for (let rest = tag?.toLowerCase(); rest; rest = rest.replace(/.[^-_]*$/, "")) {
    const language = Object.keys(texts).find((key) => key.toLowerCase() == rest);
    if (language) return language;
  }
};

/**
 * Return the `lang` around an element, also outside of the shadow roots that it is in.
 * @param {Element | undefined} element
 * @returns {string | undefined}
 */
const findLang = (element) => {
  if (!element) return;
  const marked = /** @type {HTMLElement | null} */ (element.closest("[lang]"));
  return marked
    ? unclobbered(marked).lang
    : findLang(unclobbered(/** @type {ShadowRoot} */ (element.getRootNode())).host);
};

/**
 * Return the language for an element: that of the page around it, else of the browser, else of the site.
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} texts by language
 * @param {string} fallback
 */
export const chooseLanguage = (element, texts, fallback) =>
  findNearest(findLang(element), texts) || findNearest(navigator.language, texts) || fallback;
