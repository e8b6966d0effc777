// LiveChat (text.com): https://platform.text.com/docs/extending-chat-widget/javascript-api/v2.0/, types in
// @livechat/widget-core.
//
// A chat of LiveChat lasts as long as the customer; its threads are our segments. So CHAT/THREAD is the id.
// Not confirmed: that the status changes from `chatting` to `browsing` at the end, which the list of its values
// suggests. A customer who is transferred to another group is `queued`, which does not end the chat.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  whenAvailable(
    () => page.LiveChatWidget,
    (widget) => {
      const chat = new Chat(options, (field, hash) => widget.call("update_session_variables", { [field]: hash }));
      const readThread = () => {
        try {
          // Its getters throw until the widget has loaded.
          const { chatId, threadId } = widget.get("chat_data");
          return chatId && threadId ? `${chatId}/${threadId}` : undefined;
        } catch {
          return undefined;
        }
      };
      widget.on("customer_status_changed", (/** @type {any} */ { status }) => {
        if (status == "chatting") chat.start(readThread());
        else if (status != "queued") chat.end();
      });
      widget.on("new_event", (/** @type {any} */ { author }) => {
        if (author?.type == "customer") chat.start(readThread());
      });
      widget.on("form_submitted", (/** @type {any} */ { type }) => {
        if (type == "postchat") chat.end();
      });
    },
  );
