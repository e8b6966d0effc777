// Crisp: https://docs.crisp.chat/guides/chatbox-sdks/web-sdk/dollar-crisp/, types in crisp-sdk-web.
//
// The page hears of messages, not of the end: the back end reports that, by Crisp's session:set_state. The page's poll
// then shows the faces. chat:closed is the panel and means nothing. The id is Crisp's session, which lasts over several
// chats.
// Not confirmed: that several callbacks of one event are all called; a page that listens to message:sent itself should
// try.
import { Chat, page, whenFound } from "../chat-adapter.js";

/** @param {{target?: string, field?: string, idle_minutes?: number}} options */
export default (options) =>
  whenFound(
    () => page.$crisp,
    () => {
      const chat = new Chat(options, (field, hash) => page.$crisp.push(["set", "session:data", [[[field, hash]]]]));
      const hear = (/** @type {string} */ name, /** @type {() => void} */ run) => page.$crisp.push(["on", name, run]);
      hear("message:sent", () => chat.start(page.$crisp.get("session:identifier")));
      hear("message:received", () => chat.continue());
      hear("session:loaded", () => chat.resume());
    },
  );
