import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { part, receipt, reply, server, settings, settle } from "./page.js";

const { instances } = await import("../../static/src/instances.js");
const { saveAnswer, showState } = await import("../../static/src/queue.js");
const { post } = await import("../../static/src/requests.js");
const { copies, memory, storagePrefix, readRecord, writeRecord } = await import("../../static/src/store.js");
const sends = mock.fn();
globalThis.customElements = {
  get: () => ({
    core: [instances, memory, post, storagePrefix, readRecord, saveAnswer, sends, settings, showState, writeRecord],
  }),
};
const { readReply } = await import("../../static/src/later/reply.js");

const HOUR = 3600e3;
const rating = { name: "thing", said: [], paint: (state) => rating.said.push(state) };
instances.add(rating);
// The tests call the reader of replies themselves.
part("xx-1.js", "export default () => true;");

beforeEach(async () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  for (const key of Object.keys(localStorage)) delete localStorage[key];
  for (const key of Object.keys(copies)) delete copies[key];
  server.will(new Error("offline"));
  saveAnswer("thing", { subject: "/a", lang: "xx", score: 3 });
  await settle();
  rating.said = [];
  sends.mock.resetCalls();
});

const readThing = () => readRecord("thing");

test("a receipt marks the answer as sent, and the server's score is shown", async () => {
  const news = await readReply("thing", readThing(), reply(200, receipt(1, 2, { status: "ignored" })), 0);
  assert.deepEqual(news, { state: "voted", code: undefined, isLost: true });
  assert.deepEqual([readThing().waits, readThing().answer.score, readThing().receipt.status], [0, 2, "ignored"]);
});

test("the second receipt is a change, and the id is forgotten 48 hours after the first press", async () => {
  await readReply("thing", readThing(), reply(200, receipt(1, 3)), 0);
  mock.timers.tick(47 * HOUR);
  saveAnswer("thing", { score: 1 });
  const news = await readReply("thing", readThing(), reply(200, receipt(2, 1)), 0);
  assert.deepEqual([news.state, news.isLost], ["changed", false]);
  mock.timers.tick(2 * HOUR);
  assert.equal(readRecord("thing"), undefined);
});

test("a receipt for an older press does not affect the newer one", async () => {
  const older = readThing();
  saveAnswer("thing", { score: 1 });
  assert.equal(await readReply("thing", older, reply(200, receipt(1, 3)), 0), undefined);
  assert.deepEqual([readThing().waits, readThing().answer.score], [1, 1]);
});

for (const [what, response] of [
  ["no answer", undefined],
  ["a 503", reply(503, {})],
  ["a 429", reply(429, {})],
  ["a 408", reply(408, {})],
  ["a 500 in HTML", new Response("<h1>Oh</h1>", { status: 500 })],
  ...[401, 403, 404].map((status) => [`a ${status} in HTML`, new Response("<h1>Sign in</h1>", { status, headers: { "content-type": "text/html" } })]),
  ["a 200 of another server, such as a hotel's network", new Response("<h1>Welcome</h1>")],
])
  test(`${what} keeps the answer and never shows "saved"`, async () => {
    assert.equal(await readReply("thing", readThing(), response, 0), undefined);
    assert.equal(readThing().waits, 1);
    assert.deepEqual(rating.said, ["kept"]);
    mock.timers.tick(1500);
    assert.deepEqual(sends.mock.calls[0].arguments, ["thing", 1]);
  });

test("Retry-After is respected, and stored for a reload", async () => {
  await readReply("thing", readThing(), reply(429, {}, { "Retry-After": "30" }), 0);
  assert.equal(readThing().due, 1e12 + 30e3);
  mock.timers.tick(29e3);
  assert.equal(sends.mock.callCount(), 0);
  mock.timers.tick(1e3);
  assert.equal(sends.mock.callCount(), 1);
});

for (const seconds of ["2147484", "1e300", "Infinity"])
  test(`Retry-After: ${seconds} makes no timer overflow`, async () => {
    const timer = mock.method(globalThis, "setTimeout");
    await readReply("thing", readThing(), reply(429, {}, { "Retry-After": seconds }), 0);
    const delays = timer.mock.calls.map((call) => call.arguments[1]);
    timer.mock.restore();
    assert.deepEqual(delays, [48 * HOUR]);
    assert.equal(readThing().due, 1e12 + 48 * HOUR);
  });

test("the delay between tries grows up to some minutes", async () => {
  const random = mock.method(Math, "random", () => 0.5);
  await readReply("thing", readThing(), undefined, 4);
  mock.timers.tick(15.9e3);
  assert.equal(sends.mock.callCount(), 0);
  mock.timers.tick(0.2e3);
  assert.equal(sends.mock.callCount(), 1);
  await readReply("thing", readThing(), undefined, 40);
  mock.timers.tick(257e3);
  assert.equal(sends.mock.callCount(), 2);
  random.mock.restore();
});

test("a rejection is final, has its reason and highlights nothing", async () => {
  const news = await readReply("thing", readThing(), reply(409, { code: "withdrawn" }), 0);
  assert.deepEqual([news.state, news.code], ["refused", "withdrawn"]);
  assert.deepEqual([readThing().waits, readThing().answer.score], [0, null]);
});

test("a rejected change keeps the saved answer", async () => {
  await readReply("thing", readThing(), reply(200, receipt(1, 3)), 0);
  saveAnswer("thing", { score: 1 });
  await readReply("thing", readThing(), reply(409, { code: "closed" }), 0);
  assert.deepEqual([readThing().waits, readThing().answer.score, readThing().receipt.score], [0, 3, 3]);
});

test("after a conflict the next press has a higher revision of the same id", async () => {
  const { id } = readThing().answer;
  await readReply("thing", readThing(), reply(422, { code: "conflict" }), 0);
  saveAnswer("thing", { score: 3 });
  assert.deepEqual([readThing().answer.id, readThing().answer.rev], [id, 2]);
});

test("a removal is received like an answer", async () => {
  saveAnswer("thing", { score: null, comment: null });
  await readReply("thing", readThing(), reply(200, receipt(2, null, { status: "removed" })), 0);
  assert.deepEqual([readThing().waits, readThing().answer.score], [0, null]);
  await settle();
});
