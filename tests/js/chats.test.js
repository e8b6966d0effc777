// Tests what all adapters share, through the one for events of the page.
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { HASH, countChannels, dispatchFromOtherTab, events, load, loadAdapter, received, settle } from "./vendors.js";

const OPTIONS = { start: "chat:began", message: "chat:said", end: "chat:over", conversation: "detail.chat.id" };
const fire = (name, id) => document.dispatchEvent(new CustomEvent(`chat:${name}`, { detail: { chat: id && { id } } }));
const chatEvents = () => events.filter((event) => !event.startsWith("other tabs"));

test("each segment is reported once, however often the events fire", async () => {
  load();
  await loadAdapter("dom", OPTIONS);
  for (const name of ["began", "began", "over", "over", "over"]) fire(name, 17);
  assert.deepEqual(chatEvents(), ["start 17", "end 17"]);
  for (const name of ["began", "over", "over"]) fire(name, 17);
  assert.deepEqual(chatEvents().slice(2), ["start 17", "end 17"]);
  assert.equal(countChannels(), 0);
});

test("an end without a start is ignored: the chat is another tab's, or an old one", async () => {
  load();
  await loadAdapter("dom", OPTIONS);
  fire("over", 17);
  fire("over");
  assert.deepEqual(events, []);
});

test("a chat that started on an earlier page of this tab ends here, and only that one", async () => {
  load({ stored: { conversation: "17", secret: "s", born: 1 } });
  await loadAdapter("dom", OPTIONS);
  fire("over", 16);
  assert.deepEqual(events, []);
  fire("over", 17);
  fire("over", 17);
  assert.deepEqual(chatEvents(), ["end 17"]);
});

test("the end of another conversation does not end the running one", async () => {
  load();
  await loadAdapter("dom", OPTIONS);
  fire("began", 17);
  fire("over", 16);
  assert.deepEqual(events, ["start 17"]);
  fire("began", 18);
  assert.deepEqual(events, ["start 17", "start 18"]);
});

test("a start whose id comes later is reported again with it, and keeps it", async () => {
  load();
  await loadAdapter("dom", OPTIONS);
  fire("began");
  fire("began", 17);
  fire("began");
  fire("over");
  assert.deepEqual(chatEvents(), ["start", "start 17", "end 17"]);
});

test("of several tabs the visible one shows the survey", async () => {
  const { document } = load();
  await loadAdapter("dom", OPTIONS);
  fire("began", 17);
  document.hidden = true;
  fire("over", 17);
  assert.deepEqual(events, ["start 17"]);
  dispatchFromOtherTab("16");
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(events, ["start 17", "other tabs: 17", "end 17"]);
});

test("a hidden tab shows no survey once another has shown it", async () => {
  for (const first of ["the end", "the other tab"]) {
    const { document } = load();
    await loadAdapter("dom", OPTIONS);
    fire("began", 17);
    document.hidden = true;
    if (first == "the end") fire("over", 17);
    dispatchFromOtherTab("17");
    if (first != "the end") fire("over", 17);
    document.hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    assert.deepEqual(events, ["start 17"], first);
    assert.equal(countChannels(), 0);
  }
});

test("silence ends the chat, and messages postpone it", async () => {
  load();
  await loadAdapter("dom", { ...OPTIONS, idle_minutes: 10, target: "#here" });
  fire("said");
  mock.timers.tick(11 * 60e3);
  assert.deepEqual(events, [], "no chat started");
  fire("began", 17);
  mock.timers.tick(9 * 60e3);
  fire("said");
  mock.timers.tick(9 * 60e3);
  assert.deepEqual(chatEvents(), ["start 17 #here"]);
  mock.timers.tick(60e3);
  mock.timers.tick(60 * 60e3);
  assert.deepEqual(chatEvents(), ["start 17 #here", "end 17 #here"]);
});

test("the page's event or call ends the segment, and the next is a new one", async () => {
  for (const endChat of [
    () => tilfreds.ended(),
    () => document.dispatchEvent(new CustomEvent("tilfreds:end", { detail: {} })),
  ]) {
    load();
    await loadAdapter("dom", { ...OPTIONS, idle_minutes: 1 });
    fire("began");
    endChat();
    fire("over");
    mock.timers.tick(120e3);
    fire("began");
    assert.deepEqual(
      chatEvents().map((one) => one.replace("ended by the page", "end")),
      ["start", "end", "start"],
    );
  }
});

test("a hash that cannot be created or passed is logged, and the chat continues", async () => {
  load();
  const info = mock.method(console, "info", () => {});
  globalThis.Tawk_API = { setAttributes: () => received.push("tried") && assert.fail("no such attribute") };
  await loadAdapter("tawk", { field: "tilfreds" });
  dispatch("tawkChatStarted");
  await settle();
  tilfreds.browser = async () => assert.fail("no https");
  dispatch("tawkChatEnded");
  dispatch("tawkChatStarted");
  await settle();
  assert.deepEqual(received, ["tried"]);
  assert.deepEqual(
    info.mock.calls.map((call) => call.arguments[0]),
    ["no such attribute", "no https"].map((why) => `tilfreds: Cannot pass the browser's hash to the chat: ${why}`),
  );
  assert.deepEqual(chatEvents(), ["start", "end", "start"]);
  assert.equal(HASH.length, 64);
});

/** Dispatch an event of the window. */
const dispatch = (name) => document.dispatchEvent(new Event(name));
