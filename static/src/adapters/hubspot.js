// HubSpot: https://developers.hubspot.com/docs/api-reference/latest/conversations/chat-widget-sdk
//
// conversationClosed comes when an agent closes the conversation in the inbox; widgetClosed is the panel and means
// nothing. The id is that of the thread in HubSpot's API. The page can hand nothing over, so the back end joins by the
// id.
// Not confirmed: whether both events come in every tab that is open.
import { Chat, page, whenFound } from "../chat-adapter.js";

/** @param {{target?: string}} options */
export default (options) =>
  whenFound(
    // Not hsConversationsOnReady: a page that replaces that list would remove our callback.
    () => page.HubSpotConversations,
    (conversations) => {
      const chat = new Chat(options);
      const readId = (/** @type {any} */ payload) => payload?.conversation?.conversationId;
      conversations.on("conversationStarted", (/** @type {any} */ payload) => chat.start(readId(payload)));
      conversations.on("conversationClosed", (/** @type {any} */ payload) => chat.end(readId(payload)));
    },
  );
