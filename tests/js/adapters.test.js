// Tests each adapter against a double of its product's page API. A double follows the documentation or source that the
// adapter cites at its head, so it does not test the adapter against the product.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test, { mock } from "node:test";
import { HASH, events, load, loadAdapter, loadEmitter, received, settle, testedAdapters } from "./vendors.js";

const chatEvents = () => events.filter((event) => !event.startsWith("other tabs"));
const record =
  (name) =>
  (...values) =>
    received.push([name, ...values]);
const dispatch = (type, more) => document.dispatchEvent(Object.assign(new Event(type), more));

/** The expected events of two segments, each once, although some products repeat theirs. */
const TWO_SEGMENTS = ["start", "end", "start", "end"];

test("Rocket.Chat: an end by the visitor, which the product reports twice", async () => {
  load();
  await loadAdapter("rocketchat", { field: "tilfreds", target: "#here" });
  const { on, fire } = loadEmitter();
  const api = { setCustomField: record("field") };
  api.onChatStarted = (run) => on("start", run);
  api.onChatEnded = (run) => on("end", run);
  globalThis.RocketChat = (run) => run.call(api);
  mock.timers.tick(150);
  for (const name of ["start", "end", "end", "start", "end"]) fire(name);
  await settle();
  assert.deepEqual(
    chatEvents(),
    TWO_SEGMENTS.map((one) => `${one} #here`),
  );
  assert.deepEqual(received, [
    ["field", "tilfreds", HASH],
    ["field", "tilfreds", HASH],
  ]);
});

test("tawk.to: by the window's events; the page's callbacks stay unchanged", async () => {
  load();
  const own = () => {};
  globalThis.Tawk_API = { onChatEnded: own, setAttributes: record("attributes") };
  await loadAdapter("tawk", { field: "tilfreds" });
  for (const name of ["Started", "Minimized", "Ended", "Ended", "Started", "Ended"]) dispatch(`tawkChat${name}`);
  await settle();
  assert.deepEqual(chatEvents(), TWO_SEGMENTS);
  assert.equal(Tawk_API.onChatEnded, own);
  assert.deepEqual(received[0].slice(0, 2), ["attributes", { tilfreds: HASH }]);
});

test("LiveChat: neither a queue nor a minimized window is an end; each thread is a segment", async () => {
  load();
  const { on, fire } = loadEmitter();
  let thread;
  const get = () => thread ?? assert.fail("You can't use getters before load.");
  globalThis.LiveChatWidget = { on, get, call: record("call") };
  await loadAdapter("livechat", { field: "tilfreds" });
  fire("customer_status_changed", { status: "browsing" });
  fire("customer_status_changed", { status: "chatting" });
  thread = { chatId: "C", threadId: "T1" };
  fire("new_event", { author: { type: "agent" } });
  fire("new_event", { author: { type: "customer" } });
  fire("visibility_changed", { visibility: "minimized" });
  fire("customer_status_changed", { status: "queued" });
  fire("customer_status_changed", { status: "browsing" });
  fire("form_submitted", { type: "postchat" });
  thread = { chatId: "C", threadId: "T2" };
  fire("customer_status_changed", { status: "chatting" });
  fire("form_submitted", { type: "prechat" });
  fire("form_submitted", { type: "postchat" });
  await settle();
  assert.deepEqual(chatEvents(), ["start", "start C/T1", "end C/T1", "start C/T2", "end C/T2"]);
  assert.deepEqual(received[0], ["call", "update_session_variables", { tilfreds: HASH }]);
});

test("HubSpot: closed by the agent, not by the panel", async () => {
  load();
  const { on, fire } = loadEmitter();
  await loadAdapter("hubspot");
  globalThis.HubSpotConversations = { on };
  mock.timers.tick(200);
  const payload = { conversation: { conversationId: 41 } };
  for (const name of ["conversationStarted", "widgetClosed", "conversationClosed", "conversationClosed"])
    fire(name, payload);
  fire("conversationClosed", { conversation: { conversationId: 7 } });
  assert.deepEqual(chatEvents(), ["start 41", "end 41"]);
});

test("Live Helper Chat: repeated chatClosed and endChat", async () => {
  load();
  const { on, fire } = loadEmitter();
  globalThis.$_support = { eventListener: { addListener: on } };
  await loadAdapter("livehelperchat", { scope: "support" });
  fire("chatClosed");
  fire("chatStarted", { id: 12, hash: "abc" }, "widget");
  for (const name of ["endChat", "chatClosed", "chatClosed"]) fire(name);
  fire("chatStarted", { id: 13, hash: "def" }, "widget");
  fire("chatClosed");
  assert.deepEqual(chatEvents(), ["start 12", "end 12", "start 13", "end 13"]);
  delete globalThis.$_support;
});

for (const early of [true, false])
  test(`Zammad: ${early ? "loaded before" : "loaded after"}; X has no callback`, async () => {
    load();
    const page = [];
    class ZammadChat {
      constructor(options) {
        this.options = options;
      }
    }
    if (!early) globalThis.ZammadChat = ZammadChat;
    await loadAdapter("zammad");
    if (early) globalThis.ZammadChat = ZammadChat;
    const chat = new globalThis.ZammadChat({ chatId: 1, onSessionClosed: (data) => page.push(data.realname) });
    assert.ok(chat instanceof ZammadChat);
    assert.equal(chat.options.chatId, 1);
    sessionStorage.sessionId = "s1";
    chat.options.onConnectionEstablished({ session_id: "s1", agent: {} });
    chat.options.onCloseAnimationEnd();
    assert.deepEqual(chatEvents(), ["start s1"], "the session still exists");
    chat.options.onSessionClosed({ realname: "Anna" });
    delete sessionStorage.sessionId;
    chat.options.onCloseAnimationEnd();
    chat.options.onConnectionEstablished({ session_id: "s2", agent: {} });
    chat.options.onCloseAnimationEnd();
    assert.deepEqual(chatEvents(), ["start s1", "end s1", "start s2", "end s2"]);
    assert.deepEqual(page, ["Anna"]);
  });

test("Zammad: the console warns of a chat that loaded first", async () => {
  const { document } = load();
  const info = mock.method(console, "info", () => {});
  document.elements.push({ matches: (one) => one == ".zammad-chat" });
  await loadAdapter("zammad");
  assert.match(info.mock.calls.at(-1).arguments[0], /Put its tag before the chat's, without async/);
});

const woot = (detail) => dispatch("chatwoot:on-message", { detail });

test("Chatwoot: the visitor's messages start it, its survey may end it, the panel does not", async () => {
  for (const csat of [true, false]) {
    load();
    globalThis.$chatwoot = { setConversationCustomAttributes: record("attributes") };
    await loadAdapter("chatwoot", { field: "tilfreds", csat });
    dispatch("chatwoot:ready");
    woot({ message_type: 3, conversation_id: 5, content: "Hello, how can we help?" });
    assert.deepEqual(chatEvents(), [], "no visitor wrote");
    woot({ message_type: 0, conversation_id: 5 });
    woot({ message_type: 1, conversation_id: 5 });
    dispatch("chatwoot:closed");
    woot({ message_type: 3, conversation_id: 5, content_type: "input_csat" });
    await settle();
    assert.deepEqual(chatEvents(), csat ? ["start 5", "end 5"] : ["start 5"]);
    assert.deepEqual(received, [["attributes", { tilfreds: HASH }]]);
  }
});

test("Chatwoot and Crisp: a chat of an earlier page continues, so the poll can find its end", async () => {
  load({ stored: { conversation: "5", secret: "s", born: 1 } });
  await loadAdapter("chatwoot");
  dispatch("chatwoot:ready");
  dispatch("chatwoot:ready");
  assert.deepEqual(chatEvents(), ["start 5"]);
});

test("Crisp: the session's id, the hash in its data, silence as the end; the panel ends nothing", async () => {
  load();
  const { on, fire } = loadEmitter();
  await loadAdapter("crisp", { field: "tilfreds", idle_minutes: 30 });
  const push = (item) => (item[0] == "on" ? on(item[1], item[2]) : record("push")(...item));
  globalThis.$crisp = { push, get: (name) => name == "session:identifier" && "session_1" };
  mock.timers.tick(200);
  for (const name of ["session:loaded", "message:received", "chat:closed"]) fire(name);
  assert.deepEqual(chatEvents(), [], "no visitor wrote");
  fire("message:sent");
  fire("message:sent");
  mock.timers.tick(29 * 60e3);
  fire("message:received");
  mock.timers.tick(29 * 60e3);
  assert.deepEqual(chatEvents(), ["start session_1"]);
  mock.timers.tick(2 * 60e3);
  await settle();
  assert.deepEqual(chatEvents(), ["start session_1", "end session_1"]);
  assert.deepEqual(received, [["push", "set", "session:data", [[["tilfreds", HASH]]]]]);
});

/** Load Zendesk's function; `chats.now` is the result of chat:isChatting. */
const loadZendesk = async () => {
  load();
  const { on, fire } = loadEmitter();
  const chats = { now: false };
  globalThis.zE = (action, name, given) => {
    if (action == "webWidget:on") on(name, given);
    else if (action == "webWidget:get") return chats.now;
    else record(name)(given);
  };
  await loadAdapter("zendesk", { field: "tilfreds" });
  return { fire, chats };
};

test("Zendesk classic: the visitor's end is reported once", async () => {
  const { fire, chats: state } = await loadZendesk();
  fire("chat:connected");
  state.now = true;
  fire("chat:start");
  fire("chat:end");
  fire("chat:end");
  state.now = false;
  mock.timers.tick(60e3);
  await settle();
  assert.deepEqual(chatEvents(), ["start", "end"]);
  assert.deepEqual(received, [["chat:addTags", [`tilfreds-${HASH}`]]]);
});

test("Zendesk classic: the poll finds the agent's end, and a short loss of connection is no end", async () => {
  const { fire, chats: state } = await loadZendesk();
  fire("chat:start");
  mock.timers.tick(20e3);
  state.now = true;
  mock.timers.tick(10e3);
  state.now = false;
  mock.timers.tick(5e3);
  state.now = true;
  mock.timers.tick(10e3);
  assert.deepEqual(chatEvents(), ["start"]);
  state.now = false;
  mock.timers.tick(10e3);
  mock.timers.tick(60e3);
  assert.deepEqual(chatEvents(), ["start", "end"]);
});

test("Jivo: beside the page's functions, defined before or after; the token is the hash", async () => {
  const { window } = load();
  const page = [];
  globalThis.jivo_onClientStartChat = (...given) => page.push("before", ...given);
  globalThis.jivo_api = { setUserToken: record("token") };
  await loadAdapter("jivo", { token: true });
  const ours = globalThis.jivo_onMessageSent;
  globalThis.jivo_onMessageSent = () => page.push("after") && ours();
  window.dispatchEvent(new Event("load"));
  jivo_onClientStartChat(1);
  jivo_onMessageSent();
  globalThis.jivo_onClose?.();
  await settle();
  assert.deepEqual(chatEvents(), ["start"]);
  assert.deepEqual(page, ["before", 1, "after"]);
  assert.deepEqual(received, [["token", HASH]]);
});

const activity = (type, more) =>
  dispatch("webchatincomingactivity", {
    data: { type, conversation: { id: "d1" }, timestamp: new Date().toISOString(), ...more },
  });

test("Bot Framework: endOfConversation ends the chat; activities from before the page are ignored", async () => {
  load();
  await loadAdapter("botframework");
  const long = { timestamp: new Date(Date.now() - 3600e3).toISOString() };
  activity("message", { from: { role: "user" }, ...long });
  activity("endOfConversation", long);
  activity("message", { from: { role: "bot" } });
  activity("endOfConversation");
  assert.deepEqual(chatEvents(), []);
  activity("message", { from: { role: "user" } });
  activity("typing", { from: { role: "bot" } });
  activity("endOfConversation");
  activity("endOfConversation");
  assert.deepEqual(chatEvents(), ["start d1", "end d1"]);
});

test("Typebot: beside the page's callbacks, once the element has them", async () => {
  const { document } = load();
  const page = [];
  const bot = { matches: (one) => one == "typebot-bubble" };
  document.elements.push(bot);
  await loadAdapter("typebot");
  Object.assign(bot, { typebot: "my-bot", onEnd: () => page.push("end") });
  mock.timers.tick(500);
  bot.onAnswer({ message: "Hi" });
  bot.onAnswer({ message: "Yes" });
  bot.onEnd();
  bot.onEnd();
  assert.deepEqual(chatEvents(), ["start", "end"]);
  assert.deepEqual(page, ["end", "end"]);
});

test("deep-chat: the visitor's message starts it, a restored one does not; a call or silence ends it", async () => {
  load();
  await loadAdapter("deepchat", { idle_minutes: 5 });
  const message = (role, more, localName = "deep-chat") => {
    const event = new CustomEvent("message", { detail: { message: { role, text: "Hi" }, ...more } });
    Object.defineProperty(event, "target", { value: { localName } });
    document.dispatchEvent(event);
  };
  message("user", { isHistory: true });
  message("ai", {});
  message("user", {}, "iframe");
  assert.deepEqual(chatEvents(), []);
  message("user", {});
  message("ai", {});
  await tilfreds.ended({});
  message("user", {});
  mock.timers.tick(5 * 60e3);
  assert.deepEqual(chatEvents(), ["start", "ended by the page", "start", "end"]);
});

test("every adapter has a test here", () => {
  const names = readdirSync(join(import.meta.dirname, "../../static/src/adapters")).map((file) =>
    file.replace(".js", ""),
  );
  const tested = new Set([...testedAdapters, "dom"]);
  assert.deepEqual(
    names.filter((name) => !tested.has(name)),
    [],
  );
});
