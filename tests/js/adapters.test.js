// Each adapter against a double of its product's page API. A double does what the product's documents or source say, which
// the adapter names at its head; it proves the adapter against those, not against the product.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test, { mock } from "node:test";
import { HASH, adapter, emitter, handed, load, settle, told, used } from "./vendors.js";

const chats = () => told.filter((one) => !one.startsWith("other tabs"));
const hand = (name) => (...given) => handed.push([name, ...given]);
const say = (type, more) => document.dispatchEvent(Object.assign(new Event(type), more));

/** What must be heard: two parts, each once. What happens is told twice where the product repeats itself. */
const TWO_PARTS = ["start", "end", "start", "end"];

test("Rocket.Chat: an end that the visitor makes is told twice", async () => {
  load();
  await adapter("rocketchat", { field: "tilfreds", target: "#here" });
  const { on, fire } = emitter();
  const api = { setCustomField: hand("field") };
  api.onChatStarted = (run) => on("start", run);
  api.onChatEnded = (run) => on("end", run);
  globalThis.RocketChat = (run) => run.call(api);
  mock.timers.tick(150);
  for (const name of ["start", "end", "end", "start", "end"]) fire(name);
  await settle();
  assert.deepEqual(chats(), TWO_PARTS.map((one) => `${one} #here`));
  assert.deepEqual(handed, [["field", "tilfreds", HASH], ["field", "tilfreds", HASH]]);
});

test("tawk.to: by the window's events; the page's own callbacks stay the page's", async () => {
  load();
  const own = () => {};
  globalThis.Tawk_API = { onChatEnded: own, setAttributes: hand("attributes") };
  await adapter("tawk", { field: "tilfreds" });
  for (const name of ["Started", "Minimized", "Ended", "Ended", "Started", "Ended"]) say(`tawkChat${name}`);
  await settle();
  assert.deepEqual(chats(), TWO_PARTS);
  assert.equal(Tawk_API.onChatEnded, own);
  assert.deepEqual(handed[0].slice(0, 2), ["attributes", { tilfreds: HASH }]);
});

test("LiveChat: a queue is no end, a minimized window neither; each thread is a part", async () => {
  load();
  const { on, fire } = emitter();
  let thread;
  const get = () => thread ?? assert.fail("You can't use getters before load.");
  globalThis.LiveChatWidget = { on, get, call: hand("call") };
  await adapter("livechat", { field: "tilfreds" });
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
  assert.deepEqual(chats(), ["start", "start C/T1", "end C/T1", "start C/T2", "end C/T2"]);
  assert.deepEqual(handed[0], ["call", "update_session_variables", { tilfreds: HASH }]);
});

test("HubSpot: closed by the agent, not by the panel", async () => {
  load();
  const { on, fire } = emitter();
  await adapter("hubspot");
  globalThis.HubSpotConversations = { on };
  mock.timers.tick(200);
  const payload = { conversation: { conversationId: 41 } };
  for (const name of ["conversationStarted", "widgetClosed", "conversationClosed", "conversationClosed"]) fire(name, payload);
  fire("conversationClosed", { conversation: { conversationId: 7 } });
  assert.deepEqual(chats(), ["start 41", "end 41"]);
});

test("Live Helper Chat: chatClosed comes again and again, and endChat with it", async () => {
  load();
  const { on, fire } = emitter();
  globalThis.$_support = { eventListener: { addListener: on } };
  await adapter("livehelperchat", { scope: "support" });
  fire("chatClosed");
  fire("chatStarted", { id: 12, hash: "abc" }, "widget");
  for (const name of ["endChat", "chatClosed", "chatClosed"]) fire(name);
  fire("chatStarted", { id: 13, hash: "def" }, "widget");
  fire("chatClosed");
  assert.deepEqual(chats(), ["start 12", "end 12", "start 13", "end 13"]);
  delete globalThis.$_support;
});

for (const early of [true, false])
  test(`Zammad: ${early ? "heard before its script came" : "heard once its script was there"}; X ends it without a word`, async () => {
    load();
    const page = [];
    class ZammadChat {
      constructor(options) {
        this.options = options;
      }
    }
    if (!early) globalThis.ZammadChat = ZammadChat;
    await adapter("zammad");
    if (early) globalThis.ZammadChat = ZammadChat;
    const chat = new globalThis.ZammadChat({ chatId: 1, onSessionClosed: (data) => page.push(data.realname) });
    assert.ok(chat instanceof ZammadChat);
    assert.equal(chat.options.chatId, 1);
    sessionStorage.sessionId = "s1";
    chat.options.onConnectionEstablished({ session_id: "s1", agent: {} });
    chat.options.onCloseAnimationEnd();
    assert.deepEqual(chats(), ["start s1"], "the session still is");
    chat.options.onSessionClosed({ realname: "Anna" });
    delete sessionStorage.sessionId;
    chat.options.onCloseAnimationEnd();
    chat.options.onConnectionEstablished({ session_id: "s2", agent: {} });
    chat.options.onCloseAnimationEnd();
    assert.deepEqual(chats(), ["start s1", "end s1", "start s2", "end s2"]);
    assert.deepEqual(page, ["Anna"]);
  });

test("Zammad: a chat that was there first is told of in the console", async () => {
  const { document } = load();
  const info = mock.method(console, "info", () => {});
  document.elements.push({ matches: (one) => one == ".zammad-chat" });
  await adapter("zammad");
  assert.match(info.mock.calls.at(-1).arguments[0], /Put its tag before the chat's, without async/);
});

const woot = (detail) => say("chatwoot:on-message", { detail });

test("Chatwoot: the visitor's messages start it, the panel ends nothing, its own survey does where the site says so", async () => {
  for (const csat of [true, false]) {
    load();
    globalThis.$chatwoot = { setConversationCustomAttributes: hand("attributes") };
    await adapter("chatwoot", { field: "tilfreds", csat });
    say("chatwoot:ready");
    woot({ message_type: 3, conversation_id: 5, content: "Hello, how can we help?" });
    assert.deepEqual(chats(), [], "nobody wrote");
    woot({ message_type: 0, conversation_id: 5 });
    woot({ message_type: 1, conversation_id: 5 });
    say("chatwoot:closed");
    woot({ message_type: 3, conversation_id: 5, content_type: "input_csat" });
    await settle();
    assert.deepEqual(chats(), csat ? ["start 5", "end 5"] : ["start 5"]);
    assert.deepEqual(handed, [["attributes", { tilfreds: HASH }]]);
  }
});

test("Chatwoot and Crisp: a chat of an earlier page goes on, so that an end at the back end is learnt of", async () => {
  load({ stored: { conversation: "5", secret: "s", born: 1 } });
  await adapter("chatwoot");
  say("chatwoot:ready");
  say("chatwoot:ready");
  assert.deepEqual(chats(), ["start 5"]);
});

test("Crisp: the session's id, the hash in its data, a silence as the end; the panel ends nothing", async () => {
  load();
  const { on, fire } = emitter();
  await adapter("crisp", { field: "tilfreds", idle_minutes: 30 });
  const push = (item) => (item[0] == "on" ? on(item[1], item[2]) : hand("push")(...item));
  globalThis.$crisp = { push, get: (name) => name == "session:identifier" && "session_1" };
  mock.timers.tick(200);
  for (const name of ["session:loaded", "message:received", "chat:closed"]) fire(name);
  assert.deepEqual(chats(), [], "nobody wrote");
  fire("message:sent");
  fire("message:sent");
  mock.timers.tick(29 * 60e3);
  fire("message:received");
  mock.timers.tick(29 * 60e3);
  assert.deepEqual(chats(), ["start session_1"]);
  mock.timers.tick(2 * 60e3);
  await settle();
  assert.deepEqual(chats(), ["start session_1", "end session_1"]);
  assert.deepEqual(handed, [["push", "set", "session:data", [[["tilfreds", HASH]]]]]);
});

/** Zendesk's function; `chats.now` is what chat:isChatting answers. */
const zendesk = async () => {
  load();
  const { on, fire } = emitter();
  const chats = { now: false };
  globalThis.zE = (action, name, given) => {
    if (action == "webWidget:on") on(name, given);
    else if (action == "webWidget:get") return chats.now;
    else hand(name)(given);
  };
  await adapter("zendesk", { field: "tilfreds" });
  return { fire, chats };
};

test("Zendesk classic: the visitor's end is told of, once", async () => {
  const { fire, chats: state } = await zendesk();
  fire("chat:connected");
  state.now = true;
  fire("chat:start");
  fire("chat:end");
  fire("chat:end");
  state.now = false;
  mock.timers.tick(60e3);
  await settle();
  assert.deepEqual(chats(), ["start", "end"]);
  assert.deepEqual(handed, [["chat:addTags", [`tilfreds-${HASH}`]]]);
});

test("Zendesk classic: the agent's end is found out, and a connection that breaks for a moment is none", async () => {
  const { fire, chats: state } = await zendesk();
  fire("chat:start");
  mock.timers.tick(20e3);
  state.now = true;
  mock.timers.tick(10e3);
  state.now = false;
  mock.timers.tick(5e3);
  state.now = true;
  mock.timers.tick(10e3);
  assert.deepEqual(chats(), ["start"]);
  state.now = false;
  mock.timers.tick(10e3);
  mock.timers.tick(60e3);
  assert.deepEqual(chats(), ["start", "end"]);
});

test("Jivo: beside the page's own functions, whichever came first; the token is the hash", async () => {
  const { window } = load();
  const page = [];
  globalThis.jivo_onClientStartChat = (...given) => page.push("before", ...given);
  globalThis.jivo_api = { setUserToken: hand("token") };
  await adapter("jivo", { token: true });
  const ours = globalThis.jivo_onMessageSent;
  globalThis.jivo_onMessageSent = () => page.push("after") && ours();
  window.dispatchEvent(new Event("load"));
  jivo_onClientStartChat(1);
  jivo_onMessageSent();
  globalThis.jivo_onClose?.();
  await settle();
  assert.deepEqual(chats(), ["start"]);
  assert.deepEqual(page, ["before", 1, "after"]);
  assert.deepEqual(handed, [["token", HASH]]);
});

const activity = (type, more) => say("webchatincomingactivity", { data: { type, conversation: { id: "d1" }, timestamp: new Date().toISOString(), ...more } });

test("Bot Framework: endOfConversation ends what the visitor began; what was said before the page came is no news", async () => {
  load();
  await adapter("botframework");
  const long = { timestamp: new Date(Date.now() - 3600e3).toISOString() };
  activity("message", { from: { role: "user" }, ...long });
  activity("endOfConversation", long);
  activity("message", { from: { role: "bot" } });
  activity("endOfConversation");
  assert.deepEqual(chats(), []);
  activity("message", { from: { role: "user" } });
  activity("typing", { from: { role: "bot" } });
  activity("endOfConversation");
  activity("endOfConversation");
  assert.deepEqual(chats(), ["start d1", "end d1"]);
});

test("Typebot: beside the page's own callbacks, once the element has them", async () => {
  const { document } = load();
  const page = [];
  const bot = { matches: (one) => one == "typebot-bubble" };
  document.elements.push(bot);
  await adapter("typebot");
  Object.assign(bot, { typebot: "my-bot", onEnd: () => page.push("end") });
  mock.timers.tick(500);
  bot.onAnswer({ message: "Hi" });
  bot.onAnswer({ message: "Yes" });
  bot.onEnd();
  bot.onEnd();
  assert.deepEqual(chats(), ["start", "end"]);
  assert.deepEqual(page, ["end", "end"]);
});

test("deep-chat: the visitor's message starts it, what is restored does not, the page's word or a silence ends it", async () => {
  load();
  await adapter("deepchat", { idle_minutes: 5 });
  const message = (role, more, localName = "deep-chat") => {
    const event = new CustomEvent("message", { detail: { message: { role, text: "Hi" }, ...more } });
    Object.defineProperty(event, "target", { value: { localName } });
    document.dispatchEvent(event);
  };
  message("user", { isHistory: true });
  message("ai", {});
  message("user", {}, "iframe");
  assert.deepEqual(chats(), []);
  message("user", {});
  message("ai", {});
  await tilfreds.ended({});
  message("user", {});
  mock.timers.tick(5 * 60e3);
  assert.deepEqual(chats(), ["start", "ended by the page", "start", "end"]);
});

test("every adapter has a test here", () => {
  const names = readdirSync(join(import.meta.dirname, "../../static/src/adapters")).map((file) => file.replace(".js", ""));
  const tested = new Set([...used, "dom"]);
  assert.deepEqual(names.filter((name) => !tested.has(name)), []);
});
