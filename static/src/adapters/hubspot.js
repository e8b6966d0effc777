// HubSpot: https://developers.hubspot.com/docs/api-reference/latest/conversations/chat-widget-sdk
//
// conversationClosed comes when an agent closes the conversation in the inbox; widgetClosed is the panel and means
// nothing. The id is that of the thread in HubSpot's API. The page can hand nothing over, so the back end joins by the id.
// Not confirmed: whether both events come in every tab that is open.
import { Chat, page, when } from "../chats.js";

/** @param {{target?: string}} options */
export default (options) =>
  when(
    // Not by way of hsConversationsOnReady: pages give that list anew, and with it ours would be gone.
    () => page.HubSpotConversations,
    (conversations) => {
      const told = new Chat(options);
      const id = (/** @type {any} */ payload) => payload?.conversation?.conversationId;
      conversations.on("conversationStarted", (/** @type {any} */ payload) => told.start(id(payload)));
      conversations.on("conversationClosed", (/** @type {any} */ payload) => told.end(id(payload)));
    },
  );
