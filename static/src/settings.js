/**
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string}} Words labels stand by ascending score
 * @typedef {{placement?: string, revision: string, look: string, comment: boolean, texts: Record<string, Words>,
 *   low?: number, dressed?: boolean}} Survey the lowest score where that is not 1, and whether `dress` has to do with it
 * @typedef {{key: string, lang: string, surveys: Survey[], texts: Record<string, Record<string, string>>,
 *   selector: string, share: number, later: string, dress?: typeof import("./looks/scales.js").dress}} Settings
 */

/** The server puts the site's own settings where this name stands. @type {Settings} */
// @ts-ignore
export const settings = __TILFREDS_SETTINGS__;

/** The address of the site's endpoints: that of this file without its ending. */
export const base = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/\.js[^/]*$/, "/");
