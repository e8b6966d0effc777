// Crisp: https://docs.crisp.chat/guides/chatbox-sdks/web-sdk/dollar-crisp/, types in crisp-sdk-web.
//
// The page receives messages, not the end. The back end reports the end by Crisp's session:set_state, and the page's
// poll then shows the survey. chat:closed only closes the panel. The id is Crisp's session, which spans several chats.
// Not confirmed: that all callbacks of one event are called; a page that listens to message:sent itself should test it.
import { Chat, page, whenAvailable } from "../chat-adapter.js";

/** @param {{target?: string, field?: string, idle_minutes?: number}} options */
export default (options) =>
  whenAvailable(
    () => page.$crisp,
    () => {
      const chat = new Chat(options, (field, hash) => page.$crisp.push(["set", "session:data", [[[field, hash]]]]));
      const listen = (/** @type {string} */ name, /** @type {() => void} */ run) => page.$crisp.push(["on", name, run]);
      listen("message:sent", () => chat.start(page.$crisp.get("session:identifier")));
      listen("message:received", () => chat.continue());
      listen("session:loaded", () => chat.resume());
    },
  );
