// LiveChat (text.com): https://platform.text.com/docs/extending-chat-widget/javascript-api/v2.0/, types in
// @livechat/widget-core.
//
// A chat of LiveChat lasts as long as the customer; its threads are our parts. So CHAT/THREAD is the id.
// Not confirmed: that the status goes from `chatting` to `browsing` at the end, which the list of its values suggests. A
// customer who is sent on to another group is `queued`, and the chat is not over.
import { Chat, page, when } from "../chats.js";

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  when(
    () => page.LiveChatWidget,
    (widget) => {
      const told = new Chat(options, (field, hash) => widget.call("update_session_variables", { [field]: hash }));
      const thread = () => {
        try {
          // Before the widget has loaded its getters throw.
          const { chatId, threadId } = widget.get("chat_data");
          return chatId && threadId ? `${chatId}/${threadId}` : undefined;
        } catch {}
      };
      widget.on("customer_status_changed", (/** @type {any} */ { status }) => {
        if (status == "chatting") told.start(thread());
        else if (status != "queued") told.end();
      });
      widget.on("new_event", (/** @type {any} */ { author }) => {
        if (author?.type == "customer") told.start(thread());
      });
      widget.on("form_submitted", (/** @type {any} */ { type }) => {
        if (type == "postchat") told.end();
      });
    },
  );
