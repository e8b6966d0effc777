// Zendesk Web Widget (Classic): https://developer.zendesk.com/api-reference/widget/chat-api/. Not Zendesk Messaging, which
// tells the page nothing of an end.
//
// chat:end comes when the visitor ends the chat or idles out, not when the agent ends it: so chat:isChatting is asked too.
// Not confirmed: that it is false as soon as the agent has ended. Two such answers in a row count, so that a connection
// that broke for a moment ends nothing. The page learns no id of the chat. The hash goes into a tag, FIELD-HASH.
import { Chat, page, when } from "../chats.js";

const EVERY_MS = 5e3;

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  when(
    () => page.zE,
    () => {
      const told = new Chat(options, (field, hash) => page.zE("webWidget", "chat:addTags", [`${field}-${hash}`]));
      const chats = () => page.zE("webWidget:get", "chat:isChatting");
      /** @type {any} */
      let timer;
      const end = () => {
        clearInterval(timer);
        told.end();
      };
      const watch = () => {
        let chatted = false;
        let quiet = 0;
        clearInterval(timer);
        timer = setInterval(() => {
          quiet = chats() ? 0 : quiet + 1;
          chatted ||= !quiet;
          if (chatted && quiet == 2) end();
        }, EVERY_MS);
      };
      page.zE("webWidget:on", "chat:connected", () => chats() && watch());
      page.zE("webWidget:on", "chat:start", () => {
        watch();
        told.start();
      });
      page.zE("webWidget:on", "chat:end", end);
    },
  );
