// Chatwoot: https://www.chatwoot.com/hc/user-guide/articles/1677587234 (how to send additional user information), and
// app/javascript/sdk/IFrameHelper.js of chatwoot/chatwoot.
//
// The page receives messages, not the end. The back end reports the end by chatwoot's conversation_status_changed, and
// the page's poll then shows the survey. chatwoot:closed only closes the panel.
// Not confirmed: that Chatwoot's survey (content_type input_csat) comes right at the end; `csat` treats it as the end.
// Versions of Chatwoot differ in whether setting an attribute replaces the others.
import { Chat, page } from "../chat-adapter.js";

const BY_VISITOR = 0;

/** @param {{target?: string, field?: string, csat?: boolean, idle_minutes?: number}} options */
export default (options) => {
  const chat = new Chat(options, (field, hash) => page.$chatwoot.setConversationCustomAttributes({ [field]: hash }));
  addEventListener("chatwoot:on-message", (event) => {
    const { conversation_id, content_type, message_type } = /** @type {any} */ (event).detail ?? {};
    if (message_type === BY_VISITOR) chat.start(conversation_id);
    else if (options.csat && content_type == "input_csat") chat.end();
    else chat.continue();
  });
  addEventListener("chatwoot:ready", () => chat.resume());
};
