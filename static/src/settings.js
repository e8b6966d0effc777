/**
 * @typedef {{question: string, labels: string[], thanks: string}} Words labels stand by ascending score
 * @typedef {{revision: string, look: string, comment: boolean, texts: Record<string, Words>}} Survey
 * @typedef {{lang: string, surveys: Record<string, Survey>, texts: Record<string, Record<string, string>>,
 *   selector: string, share: number, later: string}} Settings selector and share are left out where the site has none
 */

/** The server puts the site's own settings where this name stands. @type {Settings} */
// @ts-ignore
export const settings = __TILFREDS_SETTINGS__;

/** This file is called as the site's key; the endpoints lie below its address without the ending. */
export const [, base, key] = /** @type {any} */ (document.currentScript).src.match(/(.*\/([^.]*))\.js/);
