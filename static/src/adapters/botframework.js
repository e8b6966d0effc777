// Bot Framework Web Chat: https://github.com/microsoft/BotFramework-WebChat, samples/04.api/c.incoming-activity-event; the
// activities are those of https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md
//
// Web Chat tells what comes in to the middleware of its store alone. The sample's middleware, which the page has to have,
// passes it on as the window's event webchatincomingactivity, with the activity in `data`. Confirmed with 4.18.1:
// endOfConversation is told of, and so is the visitor's own message, once the bot has received it. A page that is loaded
// anew gets all earlier activities again; those are no news.
import { Chat } from "../chats.js";

/** The bot's clock and this one may differ. */
const SLACK_MS = 3e5;

/** @param {{target?: string}} options */
export default (options) => {
  const told = new Chat(options);
  const opened = Date.now();
  addEventListener("webchatincomingactivity", (event) => {
    const { conversation, from, timestamp, type } = /** @type {any} */ (event).data ?? {};
    if (Date.parse(timestamp) < opened - SLACK_MS) return;
    if (type == "endOfConversation") told.end(conversation?.id);
    else if (type == "message" && from?.role == "user") told.start(conversation?.id);
  });
};
