// Typebot: https://docs.typebot.io/deploy/web/html-javascript, @typebot.io/js.
//
// initStandard, initPopup and initBubble hand the page's callbacks to the element as properties; ours join them there.
// onAnswer is the visitor's, onEnd comes at the last block. The page learns no id of the result.
import { Chat, when } from "../chats.js";

const ELEMENTS = ["standard", "popup", "bubble"].map((kind) => `typebot-${kind}`).join();

/** @param {{target?: string}} options */
export default (options) => {
  const told = new Chat(options);
  when(
    // Properties that are set before the page's own would be replaced by them.
    () => [...document.querySelectorAll(ELEMENTS)].find((bot) => /** @type {any} */ (bot).typebot),
    (bot) => {
      const beside = (/** @type {string} */ name, /** @type {() => void} */ run) => {
        const theirs = bot[name];
        bot[name] = (/** @type {any[]} */ ...given) => {
          run();
          return theirs?.(...given);
        };
      };
      beside("onAnswer", () => told.start());
      beside("onEnd", () => told.end());
    },
  );
};
