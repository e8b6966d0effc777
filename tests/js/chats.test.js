// What all adapters share, by way of the one that hears events of the page's own names.
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { HASH, adapter, handed, load, open, otherTab, settle, told } from "./vendors.js";

const OPTIONS = { start: "chat:began", message: "chat:said", end: "chat:over", conversation: "detail.chat.id" };
const fire = (name, id) => document.dispatchEvent(new CustomEvent(`chat:${name}`, { detail: { chat: id && { id } } }));
const chats = () => told.filter((one) => !one.startsWith("other tabs"));

test("each part is told once, however often the events come", async () => {
  load();
  await adapter("dom", OPTIONS);
  for (const name of ["began", "began", "over", "over", "over"]) fire(name, 17);
  assert.deepEqual(chats(), ["start 17", "end 17"]);
  for (const name of ["began", "over", "over"]) fire(name, 17);
  assert.deepEqual(chats().slice(2), ["start 17", "end 17"]);
  assert.equal(open(), 0);
});

test("an end without a start says nothing: the chat is another tab's, or an old one", async () => {
  load();
  await adapter("dom", OPTIONS);
  fire("over", 17);
  fire("over");
  assert.deepEqual(told, []);
});

test("a chat that started on an earlier page of this tab ends here, and only that one", async () => {
  load({ stored: { conversation: "17", secret: "s", born: 1 } });
  await adapter("dom", OPTIONS);
  fire("over", 16);
  assert.deepEqual(told, []);
  fire("over", 17);
  fire("over", 17);
  assert.deepEqual(chats(), ["end 17"]);
});

test("the end of another conversation than the one that runs is not its end", async () => {
  load();
  await adapter("dom", OPTIONS);
  fire("began", 17);
  fire("over", 16);
  assert.deepEqual(told, ["start 17"]);
  fire("began", 18);
  assert.deepEqual(told, ["start 17", "start 18"]);
});

test("a start that learns its id later is told again with it, and loses it no more", async () => {
  load();
  await adapter("dom", OPTIONS);
  fire("began");
  fire("began", 17);
  fire("began");
  fire("over");
  assert.deepEqual(chats(), ["start", "start 17", "end 17"]);
});

test("of several tabs the one asks that is seen", async () => {
  const { document } = load();
  await adapter("dom", OPTIONS);
  fire("began", 17);
  document.hidden = true;
  fire("over", 17);
  assert.deepEqual(told, ["start 17"]);
  otherTab("16");
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(told, ["start 17", "other tabs: 17", "end 17"]);
});

test("a tab in the background asks no more once another has asked", async () => {
  for (const first of ["the end", "the other tab"]) {
    const { document } = load();
    await adapter("dom", OPTIONS);
    fire("began", 17);
    document.hidden = true;
    if (first == "the end") fire("over", 17);
    otherTab("17");
    if (first != "the end") fire("over", 17);
    document.hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    assert.deepEqual(told, ["start 17"], first);
    assert.equal(open(), 0);
  }
});

test("a silence ends the chat, and what is said puts that off", async () => {
  load();
  await adapter("dom", { ...OPTIONS, idle_minutes: 10, target: "#here" });
  fire("said");
  mock.timers.tick(11 * 60e3);
  assert.deepEqual(told, [], "nobody began");
  fire("began", 17);
  mock.timers.tick(9 * 60e3);
  fire("said");
  mock.timers.tick(9 * 60e3);
  assert.deepEqual(chats(), ["start 17 #here"]);
  mock.timers.tick(60e3);
  mock.timers.tick(60 * 60e3);
  assert.deepEqual(chats(), ["start 17 #here", "end 17 #here"]);
});

test("the page's own word, event or call, ends the part: the next is a new one", async () => {
  for (const say of [() => tilfreds.ended(), () => document.dispatchEvent(new CustomEvent("tilfreds:end", { detail: {} }))]) {
    load();
    await adapter("dom", { ...OPTIONS, idle_minutes: 1 });
    fire("began");
    say();
    fire("over");
    mock.timers.tick(120e3);
    fire("began");
    assert.deepEqual(chats().map((one) => one.replace("ended by the page", "end")), ["start", "end", "start"]);
  }
});

test("a hash that cannot be made or handed over is told in the console, and the chat goes on", async () => {
  load();
  const info = mock.method(console, "info", () => {});
  globalThis.Tawk_API = { setAttributes: () => handed.push("tried") && assert.fail("no such attribute") };
  await adapter("tawk", { field: "tilfreds" });
  dispatch("tawkChatStarted");
  await settle();
  tilfreds.browser = async () => assert.fail("no https");
  dispatch("tawkChatEnded");
  dispatch("tawkChatStarted");
  await settle();
  assert.deepEqual(handed, ["tried"]);
  assert.deepEqual(
    info.mock.calls.map((call) => call.arguments[0]),
    ["no such attribute", "no https"].map((why) => `tilfreds: Cannot pass the browser's hash to the chat: ${why}`),
  );
  assert.deepEqual(chats(), ["start", "end", "start"]);
  assert.equal(HASH.length, 64);
});

/** An event of the window alone. */
const dispatch = (name) => document.dispatchEvent(new Event(name));
