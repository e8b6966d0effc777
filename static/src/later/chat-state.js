import { settings } from "./core.js";

/**
 * The page's chat: the detail of the page's last events (`said`); the number of starts and ends (`turn`), so that a
 * loop of an earlier one stops; its secret, for a browser that stores nothing; and the server's last decision.
 * @typedef {{said: Record<string, any>, turn: number, unstored?: import("./chat-secret.js").ChatRecord,
 *   decision?: import("./chat-placement.js").Decision}} ChatState
 */

/** @type {typeof settings & {chat?: ChatState}} */
const shared = settings;

/**
 * The state of the chat. It belongs to the settings because a file of an older version may fetch a second copy of this
 * part, which must continue where the first was.
 */
export const chat = (shared.chat ??= { said: {}, turn: 0 });
