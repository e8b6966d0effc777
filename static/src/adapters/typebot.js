// Typebot: https://docs.typebot.io/deploy/web/html-javascript, @typebot.io/js.
//
// initStandard, initPopup and initBubble set the page's callbacks as properties of the element, where ours wrap them.
// onAnswer fires for the visitor's answers, onEnd at the last block. The page receives no id of the result.
import { Chat, whenAvailable } from "../chat-adapter.js";
import { safeDocument } from "../clobbering.js";

const ELEMENTS = ["standard", "popup", "bubble"].map((kind) => `typebot-${kind}`).join();

/** @param {{target?: string}} options */
export default (options) => {
  const chat = new Chat(options);
  whenAvailable(
    // The page's properties would replace callbacks that are set before them.
    () => [...safeDocument.querySelectorAll(ELEMENTS)].find((bot) => /** @type {any} */ (bot).typebot),
    (/** @type {any} */ bot) => {
      const addCallback = (/** @type {string} */ name, /** @type {() => void} */ run) => {
        const pageCallback = bot[name];
        bot[name] = (/** @type {any[]} */ ...args) => {
          run();
          return pageCallback?.(...args);
        };
      };
      addCallback("onAnswer", () => chat.start());
      addCallback("onEnd", () => chat.end());
    },
  );
};
