// Rocket.Chat Livechat: https://developer.rocket.chat/docs/widget-api, and packages/livechat/src/widget.ts of its
// source.
//
// Confirmed in its source, version 1.13.3: onChatStarted and onChatEnded carry no id, and an end by the visitor is
// reported twice. A minimized panel reports neither.
// The custom field must exist in the workspace (Omnichannel, Custom Fields, scope Visitor or Room).
// Not confirmed: how the current server names it in its webhook.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  whenAvailable(
    () => page.RocketChat,
    () => {
      // Queued functions are called with the API as `this`.
      const withApi = (/** @type {(api: any) => void} */ run) =>
        page.RocketChat(
          /** @this {any} */ function () {
            run(this);
          },
        );
      const chat = new Chat(options, (field, hash) => withApi((api) => api.setCustomField(field, hash)));
      withApi((api) => {
        api.onChatStarted(() => chat.start());
        api.onChatEnded(() => chat.end());
      });
    },
  );
