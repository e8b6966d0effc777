/**
 * @typedef {{question: string, labels: string[], ends?: string[], thanks: string}} Words labels stand by ascending score
 * @typedef {{revision: string, look: string, comment: boolean, texts: Record<string, Words>, low?: number,
 *   dressed?: boolean}} Survey the lowest score where that is not 1, and whether `dress` has to do with it
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   home: string, share: number, later: string, dress?: typeof import("./looks/scales.js").dress
 * }} Settings share is left out where every view is asked
 */

/** The server puts the site's own settings where this name stands. @type {Settings} */
// @ts-ignore
export const settings = __TILFREDS_SETTINGS__;

/** Where the endpoints are, and the site's key: this file's own address without its ending. Who carries the code into the page in
 * another way (a tag manager that runs it, a module, a plugin that joins all scripts in one) leaves no such address,
 * or somebody else's: then it is the one that the server knows. */
export const key = settings.home.split("/").pop();
export const [base] = /** @type {any} */ (document.currentScript)?.src?.match(".*" + key) ?? [settings.home];
