// Bot Framework Web Chat: https://github.com/microsoft/BotFramework-WebChat, samples/04.api/c.incoming-activity-event;
// the activities are those of https://github.com/microsoft/botframework-sdk, specs/botframework-activity.
//
// Web Chat passes incoming activities only to the middleware of its store. The page needs the sample's middleware,
// which dispatches them as the window's event webchatincomingactivity, with the activity in `data`. Confirmed with
// 4.18.1: endOfConversation arrives, and so does the visitor's message once the bot has received it. A reloaded page
// receives all earlier activities again, so older ones are ignored.
import { Chat } from "../chat-adapter.js";

/** The maximum difference between the bot's clock and this one. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

/** @param {{target?: string}} options */
export default (options) => {
  const chat = new Chat(options);
  const openedAt = Date.now();
  addEventListener("webchatincomingactivity", (event) => {
    const { conversation, from, timestamp, type } = /** @type {any} */ (event).data ?? {};
    if (Date.parse(timestamp) < openedAt - CLOCK_SLACK_MS) return;
    if (type == "endOfConversation") chat.end(conversation?.id);
    else if (type == "message" && from?.role == "user") chat.start(conversation?.id);
  });
};
