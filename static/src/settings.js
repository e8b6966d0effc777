import { safeDocument } from "./clobbering.js";

/**
 * A follow-up question, asked after certain scores. Choices are what may be chosen, low and high the ends of a scale,
 * and the link is the one that the question leads to.
 * @typedef {{id: string, kind: string, scores: number[], choices?: string[], low?: number, high?: number,
 *   link?: string}} Question
 * @typedef {{ask?: string, choices?: Record<string, string>, ends?: string[], link?: string}} QuestionWords
 *
 * The words of a survey in one language. Labels are in the order of their scores, from the lowest; thanks for one score
 * alone are under its number.
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string,
 *   questions?: Record<string, QuestionWords>, [score: number]: string}} Words
 *
 * `low` is the lowest score where that is not 1; `dressed` says that `dress` has to finish the card.
 * @typedef {{revision: string, look: string, comment?: boolean, texts: Record<string, Words>, low?: number,
 *   dressed?: boolean, questions?: Question[], screenshot?: boolean}} Survey
 *
 * `share` is left out where every view is asked, `home` for a tag.
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   home?: string, share?: number, later: string, dress?: typeof import("./looks/scales.js").dress}} Settings
 */

/** The server replaces this name by the site's settings. @type {Settings} */
// @ts-ignore: no such variable exists before that.
export const settings = __TILFREDS_SETTINGS__; // eslint-disable-line no-undef -- as above

// A tag knows the address of its file. Code that comes into the page in another way (a module, evaluated text, a plugin
// that joins all scripts in one) has none or somebody else's, so the server writes it into `home` (widget/loader.py).
settings.home ??= /** @type {HTMLScriptElement} */ (safeDocument.currentScript).src;

/** Everything before ".js"; the site's key is the last word of it. */
const FILE_ADDRESS = /(?<base>.*\W(?<key>\w*))\.js/;

/** The address below which the endpoints are, and the site's key. */
export const { base, key } = /** @type {any} */ (FILE_ADDRESS.exec(settings.home)).groups;
