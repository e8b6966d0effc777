// Any chat that fires DOM events, or whose end the page reports with `tilfreds.ended()`.
//
// The names are the page's own: which event means that the visitor began, that a message came, that the chat is over,
// and where in it the id is, such as `detail.conversation.id`.
import { Chat } from "../chat-adapter.js";

/**
 * @param {{start: string, end?: string, message?: string, conversation?: string, target?: string,
 *   idle_minutes?: number}} options
 */
export default (options) => {
  const chat = new Chat(options);
  const readId = (/** @type {any} */ event) =>
    options.conversation?.split(".").reduce((part, name) => part?.[name], event);
  const hear = (/** @type {string | undefined} */ name, /** @type {(event: Event) => void} */ run) => {
    // Capturing hears the events of any node, whether they bubble or not.
    if (name) addEventListener(name, run, true);
  };
  hear(options.start, (event) => chat.start(readId(event)));
  hear(options.message, () => chat.continue());
  hear(options.end, (event) => chat.end(readId(event)));
};
