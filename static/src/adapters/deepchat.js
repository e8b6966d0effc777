// deep-chat: https://deepchat.dev/docs/events, confirmed with 2.4.2.
//
// It has no end and no id: the page calls `tilfreds.ended()` where it knows the end, or `idle_minutes` of silence end
// the chat. clear-messages only empties the panel. The page cannot pass the hash, because setting a property of a drawn
// element draws it again.
import { Chat } from "../chat-adapter.js";
import { safeDocument } from "../clobbering.js";

/** @param {{target?: string, idle_minutes?: number}} options */
export default (options) => {
  const chat = new Chat(options);
  // A capturing listener receives the element's events, which do not bubble.
  safeDocument.addEventListener(
    "message",
    (event) => {
      const { target, detail } = /** @type {any} */ (event);
      if (target.localName != "deep-chat" || detail?.isHistory) return;
      if (detail?.message?.role == "user") chat.start();
      else chat.continue();
    },
    true,
  );
};
