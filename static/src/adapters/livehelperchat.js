// Live Helper Chat: the widget's source, lhc_web/design/defaulttheme/widget/wrapper/src/index.js of
// LiveHelperChat/livehelperchat, and https://doc.livehelperchat.com/docs/javascript-arguments
//
// chatStarted has {id, hash}; the hash opens the chat at the vendor's server, so it is not read. With the NodeJS add-on
// it fires in every tab. chatClosed repeats while the chat stays closed; endChat fires when the visitor leaves.
// Not confirmed: a way to pass the hash to a running chat. The back end matches by the id.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

/** @param {{target?: string, scope?: string}} options `scope` as in the vendor's tag, where it has one */
export default (options) =>
  whenAvailable(
    () => page[`$_${options.scope ?? "LHC"}`]?.eventListener,
    (events) => {
      const chat = new Chat(options);
      events.addListener("chatStarted", (/** @type {any} */ session) => chat.start(session?.id));
      events.addListener("chatClosed", () => chat.end());
      events.addListener("endChat", () => chat.end());
    },
  );
