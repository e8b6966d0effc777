import { settings } from "./core.js";

/**
 * The page's chat: what the page said of it last; how many starts and ends there were, so that a loop of an earlier one
 * stops; and its secret, for a browser that stores nothing. It hangs on the settings because files of older
 * versions may fetch a second copy of a part, which must go on where the first was.
 * @type {{said: Record<string, any>, turn: number, unstored?: import("./secret.js").Chat}}
 */
export const chat = (/** @type {any} */ (settings).chat ??= { said: {}, turn: 0 });
