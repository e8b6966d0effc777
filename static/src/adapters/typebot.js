// Typebot: https://docs.typebot.io/deploy/web/html-javascript, @typebot.io/js.
//
// initStandard, initPopup and initBubble hand the page's callbacks to the element as properties; ours join them there.
// onAnswer is the visitor's, onEnd comes at the last block. The page learns no id of the result.
import { Chat, whenFound } from "../chat-adapter.js";
import { safeDocument } from "../clobbering.js";

const ELEMENTS = ["standard", "popup", "bubble"].map((kind) => `typebot-${kind}`).join();

/** @param {{target?: string}} options */
export default (options) => {
  const chat = new Chat(options);
  whenFound(
    // Properties that are set before the page's own would be replaced by them.
    () => [...safeDocument.querySelectorAll(ELEMENTS)].find((bot) => /** @type {any} */ (bot).typebot),
    (/** @type {any} */ bot) => {
      const addCallback = (/** @type {string} */ name, /** @type {() => void} */ run) => {
        const theirs = bot[name];
        bot[name] = (/** @type {any[]} */ ...args) => {
          run();
          return theirs?.(...args);
        };
      };
      addCallback("onAnswer", () => chat.start());
      addCallback("onEnd", () => chat.end());
    },
  );
};
