// Zendesk Web Widget (Classic): https://developer.zendesk.com/api-reference/widget/chat-api/. Not Zendesk Messaging,
// which reports no end to the page.
//
// chat:end fires when the visitor ends the chat or idles out, not when the agent ends it, so chat:isChatting is polled
// too.
// Not confirmed: that it is false as soon as the agent has ended. Two such results in a row end the chat, so that a
// short loss of connection does not. The page receives no id of the chat. The hash goes into a tag, FIELD-HASH.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

const CHECK_INTERVAL_MS = 5000;
const SILENT_CHECKS_AT_END = 2;

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  whenAvailable(
    () => page.zE,
    () => {
      const chat = new Chat(options, (field, hash) => page.zE("webWidget", "chat:addTags", [`${field}-${hash}`]));
      const isChatting = () => page.zE("webWidget:get", "chat:isChatting");
      /** @type {ReturnType<typeof setInterval> | undefined} */
      let timer;
      const end = () => {
        clearInterval(timer);
        chat.end();
      };
      const watch = () => {
        let hasChatted = false;
        let silentChecks = 0;
        clearInterval(timer);
        timer = setInterval(() => {
          if (isChatting()) {
            hasChatted = true;
            silentChecks = 0;
          } else silentChecks++;
          if (hasChatted && silentChecks == SILENT_CHECKS_AT_END) end();
        }, CHECK_INTERVAL_MS);
      };
      page.zE("webWidget:on", "chat:connected", () => {
        if (isChatting()) watch();
      });
      page.zE("webWidget:on", "chat:start", () => {
        watch();
        chat.start();
      });
      page.zE("webWidget:on", "chat:end", end);
    },
  );
