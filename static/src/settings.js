import { safeDocument } from "./clobbering.js";

/**
 * A follow-up question, asked after certain scores. `low` and `high` are the ends of a scale, and `link` is the address
 * that the question opens.
 * @typedef {{id: string, kind: string, scores: number[], choices?: string[], low?: number, high?: number,
 *   link?: string}} Question
 * @typedef {{ask?: string, choices?: Record<string, string>, ends?: string[], link?: string}} QuestionTexts
 *
 * The texts of a survey in one language. Labels are in the order of their scores, from the lowest; the thanks for one
 * score are under its number.
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string,
 *   questions?: Record<string, QuestionTexts>, [score: number]: string}} SurveyTexts
 *
 * `low` is the lowest score where that is not 1; `dressed` marks a survey whose card `dress` completes.
 * @typedef {{revision: string, look: string, comment?: boolean, texts: Record<string, SurveyTexts>, low?: number,
 *   dressed?: boolean, questions?: Question[], screenshot?: boolean}} Survey
 *
 * `share` is absent where every reader is asked, `home` where a script tag loads the file.
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   home?: string, share?: number, later: string, dress?: typeof import("./looks/scales.js").dress}} Settings
 */

/** The server replaces this name by the site's settings. @type {Settings} */
// @ts-ignore: the variable does not exist before that.
export const settings = __TILFREDS_SETTINGS__; // eslint-disable-line no-undef -- as above

// A script tag has the address of its file. Code that reaches the page in another way (a module, evaluated text, a
// plugin that joins all scripts) has no address or another one, so the server writes it into `home` (widget/loader.py).
settings.home ??= /** @type {HTMLScriptElement} */ (safeDocument.currentScript).src;

/** Everything before ".js", whose last word is the site's key. */
const FILE_ADDRESS = /^([^?#]*\W(\w*))\.js/;

/** The base address of the endpoints, and the site's key. */
export const [, base, key] = /** @type {string[]} */ (FILE_ADDRESS.exec(settings.home));
