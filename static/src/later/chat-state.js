import { settings } from "./core.js";

/**
 * The page's chat: what the page said of it last; how many starts and ends there were, so that a loop of an earlier one
 * stops; and its secret, for a browser that stores nothing.
 * @typedef {{said: Record<string, any>, turn: number, unstored?: import("./chat-secret.js").ChatRecord}} ChatState
 */

/** @type {typeof settings & {chat?: ChatState}} */
const shared = settings;

/**
 * It hangs on the settings because a file of an older version may fetch a second copy of this part, which must go on
 * where the first was.
 */
export const chat = (shared.chat ??= { said: {}, turn: 0 });
