/**
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string, steps?: Record<string, any>,
 *   [score: number]: string}} Words labels stand by ascending score; a score's own thanks under its number
 * @typedef {{revision: string, look: string, comment?: boolean, texts: Record<string, Words>, low?: number,
 *   dressed?: boolean, steps?: any[]}} Survey the lowest score where that is not 1, and whether `dress` has to do with it
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   home?: string, share: number, later: string, dress?: typeof import("./looks/scales.js").dress
 * }} Settings share is left out where every view is asked, and home for tags
 */

/** The server puts the site's own settings where this name stands. @type {Settings} */
// @ts-ignore
export const settings = __TILFREDS_SETTINGS__;

/** Where the endpoints are, and the site's key, the last letters of it: the file's address without its ending. A tag knows it. Who carries
 * the code into the page in another way (a module, text that is run, a plugin that joins all scripts in one) leaves no such address,
 * or somebody else's: to them the server tells its own as `home` (widget/loader.py). From here on that is the address for everybody. */
export const [, base, key] = /** @type {any} */ (settings.home ??= /** @type {any} */ (document.currentScript).src).match(/(.*\W(\w*))\.js/);
