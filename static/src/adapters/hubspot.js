// HubSpot: https://developers.hubspot.com/docs/api-reference/latest/conversations/chat-widget-sdk
//
// conversationClosed fires when an agent closes the conversation in the inbox; widgetClosed only closes the panel. The
// id is that of the thread in HubSpot's API. The page cannot pass the hash, so the back end matches by the id.
// Not confirmed: whether both events fire in every open tab.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

/** @param {{target?: string}} options */
export default (options) =>
  whenAvailable(
    // Not hsConversationsOnReady, because a page that replaces that list would remove our callback.
    () => page.HubSpotConversations,
    (conversations) => {
      const chat = new Chat(options);
      const readId = (/** @type {any} */ payload) => payload?.conversation?.conversationId;
      conversations.on("conversationStarted", (/** @type {any} */ payload) => chat.start(readId(payload)));
      conversations.on("conversationClosed", (/** @type {any} */ payload) => chat.end(readId(payload)));
    },
  );
