// Any chat that fires DOM events, or whose end the page reports with `tilfreds.ended()`.
//
// The page defines the names: the events of the chat's start, messages and end, and the path of the id in them, such as
// `detail.conversation.id`.
import { Chat } from "../chat-adapter.js";

/**
 * @param {{start: string, end?: string, message?: string, conversation?: string, target?: string,
 *   idle_minutes?: number}} options
 */
export default (options) => {
  const chat = new Chat(options);
  const readId = (/** @type {any} */ event) =>
    options.conversation?.split(".").reduce((value, name) => value?.[name], event);
  const listen = (/** @type {string | undefined} */ name, /** @type {(event: Event) => void} */ run) => {
    // A capturing listener receives the events of any node, whether they bubble or not.
    if (name) addEventListener(name, run, true);
  };
  listen(options.start, (event) => chat.start(readId(event)));
  listen(options.message, () => chat.continue());
  listen(options.end, (event) => chat.end(readId(event)));
};
