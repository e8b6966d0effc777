import { unclobbered } from "./clobbering.js";

/**
 * Return a language tag, or its nearest parent, that has texts: "pt-BR", then "pt".
 * @param {string | null | undefined} tag
 * @param {Record<string, unknown>} texts by language
 * @returns {string | null | undefined} nothing, or an empty string, when there is none
 */
const findNearest = (tag, texts) => {
  while (tag && !Object.hasOwn(texts, tag)) tag = tag.replace(/.[^-_]*$/, "");
  return tag;
};

/**
 * Return the language for an element: that of the page around it, else of the browser, else of the site.
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} texts by language
 * @param {string} fallback
 */
export const chooseLanguage = (element, texts, fallback) => {
  const marked = /** @type {HTMLElement | null} */ (element.closest("[lang]"));
  return findNearest(marked && unclobbered(marked).lang, texts) || findNearest(navigator.language, texts) || fallback;
};
