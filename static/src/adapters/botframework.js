// Bot Framework Web Chat: https://github.com/microsoft/BotFramework-WebChat, samples/04.api/c.incoming-activity-event;
// the activities are those of https://github.com/microsoft/botframework-sdk, specs/botframework-activity.
//
// Web Chat tells what comes in to the middleware of its store alone. The sample's middleware, which the page has to
// have, passes it on as the window's event webchatincomingactivity, with the activity in `data`. Confirmed with 4.18.1:
// endOfConversation comes, and so is the visitor's own message, once the bot has received it. A page that is
// loaded anew gets all earlier activities again; those are no news.
import { Chat } from "../chat-adapter.js";

/** The bot's clock and this one may differ by so much. */
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
