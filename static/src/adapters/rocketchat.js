// Rocket.Chat Livechat: https://developer.rocket.chat/docs/widget-api, and packages/livechat/src/widget.ts of its
// source.
//
// Confirmed in its own code, version 1.13.3: onChatStarted and onChatEnded say nothing of which chat, and one that the
// visitor ends is reported twice. A minimized panel reports neither.
// The custom field must have been made in the workspace (Omnichannel, Custom Fields, scope Visitor or Room).
// Not confirmed: how today's server names it in its webhook.
import { Chat, page, whenFound } from "../chat-adapter.js";

/** @param {{target?: string, field?: string}} options */
export default (options) =>
  whenFound(
    () => page.RocketChat,
    () => {
      // What waits in the queue is called with the API as `this`.
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
