/**
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string, steps?: Record<string, any>,
 *   [score: number]: string}} Words labels stand by ascending score; a score's own thanks under its number
 * @typedef {{revision: string, look: string, comment: boolean, texts: Record<string, Words>, low?: number,
 *   dressed?: boolean, steps?: any[]}} Survey the lowest score where that is not 1, and whether `dress` has to do with it
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   selector: string, share: number, later: string, dress?: typeof import("./looks/scales.js").dress
 * }} Settings selector and share are left out where the site has none
 */

/** The server puts the site's own settings where this name stands. @type {Settings} */
// @ts-ignore
export const settings = __TILFREDS_SETTINGS__;

/** The letters before the ending are the site's key; the endpoints lie below the address without the ending. */
export const [, base, key] = /** @type {any} */ (document.currentScript).src.match(/(.*\W(\w*))\.js/);
