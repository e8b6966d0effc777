// Live Helper Chat: the widget's source, lhc_web/design/defaulttheme/widget/wrapper/src/index.js of
// LiveHelperChat/livehelperchat, and https://doc.livehelperchat.com/docs/javascript-arguments
//
// chatStarted has {id, hash}; the hash opens the chat at the vendor's server and is left alone. With its NodeJS add-on
// it comes in every tab. chatClosed is repeated for as long as the chat stays closed; endChat comes when the visitor
// leaves.
// Not confirmed: a way to hand something over to a chat that runs. The back end joins by the id.
import { Chat, page, whenFound } from "../chat-adapter.js";

/** @param {{target?: string, scope?: string}} options `scope` as in the vendor's tag, where it has one */
export default (options) =>
  whenFound(
    () => page[`$_${options.scope ?? "LHC"}`]?.eventListener,
    (events) => {
      const chat = new Chat(options);
      events.addListener("chatStarted", (/** @type {any} */ started) => chat.start(started?.id));
      events.addListener("chatClosed", () => chat.end());
      events.addListener("endChat", () => chat.end());
    },
  );
