import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { part, server, settings, settle } from "./page.js";

const { instances } = await import("../../static/src/instances.js");
const { post } = await import("../../static/src/requests.js");
const { saveAnswer, sendAnswer, showState } = await import("../../static/src/queue.js");
const { copies, memory, readRecord, storagePrefix, writeRecord } = await import("../../static/src/store.js");
globalThis.customElements = {
  get: () => ({
    core: [
      ...[instances, memory, post, storagePrefix, readRecord, saveAnswer],
      ...[sendAnswer, settings, showState, writeRecord, null, copies],
    ],
  }),
};
const { forgetVisitor, planShortening } = await import("../../static/src/later/copies.js");
const { limitLifetimes } = await import("../../static/src/later/unsent-answers.js");

const HOUR = 3600e3;
const rating = { name: "thing", said: [], paint: (state) => rating.said.push(state), update: () => (rating.name = "thing") };
globalThis.replies = [];
part("en-1.js", "export default (...values) => { replies.push(values); return true; };");

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  for (const key of Object.keys(localStorage)) delete localStorage[key];
  for (const key of Object.keys(memory)) delete memory[key];
  for (const key of Object.keys(copies)) delete copies[key];
  localStorage.broken = localStorage.full = false;
  instances.clear();
  instances.add(rating);
  rating.said = [];
  replies.length = 0;
  settings.later = "-1.js";
  server.will(new Error("offline"));
});

const press = async (score, lang = "en") => {
  saveAnswer("thing", { subject: "/a", lang, score });
  await settle();
};

test("a press is kept before it is sent", () => {
  saveAnswer("thing", { lang: "en", score: 3 });
  assert.equal(readRecord("thing").waits, 1);
  assert.deepEqual(rating.said, ["saving"]);
});

test("every press is the same intention's next revision, with the full answer", async () => {
  await press(3);
  await press(1);
  saveAnswer("thing", { comment: "slow" });
  const [one, two, three] = server.sent;
  assert.match(one.id, /^[A-Za-z0-9]{22}$/);
  assert.equal(one.id, three.id);
  assert.deepEqual([one.rev, two.rev, three.rev], [1, 2, 3]);
  assert.deepEqual([three.score, three.comment, three.subject], [1, "slow", "/a"]);
});

test("different things have different ids", async () => {
  await press(3);
  saveAnswer("other", { lang: "en", score: 3 });
  assert.notEqual(server.sent[0].id, server.sent[1].id);
});

test("the age is the time between press and sending, and never negative", async () => {
  await press(3);
  mock.timers.tick(5000);
  sendAnswer("thing");
  mock.timers.setTime(0);
  sendAnswer("thing");
  assert.equal(server.sent[0].age_ms, 0);
  assert.ok(server.sent.slice(1).some((body) => body.age_ms == 5000));
  assert.equal(server.sent.at(-1).age_ms, 0);
});

test("the reply goes to the part of the card's language", async () => {
  await press(3);
  // The part is a file, which may load late.
  while (!replies.length) await settle();
  const [call, record, response, name, tries] = replies[0];
  assert.deepEqual([call, record.answer.score, name, tries], ["replied", 3, "thing", 0]);
  assert.equal(await response, undefined);
});

test("without a response the answer stays kept, and its part is requested again", async () => {
  const random = mock.method(Math, "random", () => 0.5);
  await press(3, "yy");
  assert.deepEqual(rating.said, ["saving", "kept"]);
  assert.equal(replies.length, 0);
  part("yy-1.js", "export default (...values) => { replies.push(values); return true; };");
  for (let second = 1; second <= 200 && !replies.length; second++) {
    mock.timers.tick(1000);
    await settle();
  }
  random.mock.restore();
  assert.equal(replies[0][0], "replied");
  assert.equal(server.sent.length, 1);
});

test("after 48 hours nothing is stored or sent", async () => {
  await press(3);
  mock.timers.tick(48 * HOUR - 1);
  assert.ok(readRecord("thing"));
  mock.timers.tick(2);
  assert.equal(readRecord("thing"), undefined);
  server.will(new Error("offline"));
  sendAnswer("thing");
  await settle();
  assert.equal(server.sent.length, 0);
  await press(3);
  assert.equal(server.sent[0].rev, 1);
});

test("storage that throws costs only the return after a reload", async () => {
  localStorage.broken = true;
  await press(3, "xx");
  await press(2, "xx");
  assert.deepEqual(
    server.sent.map((body) => body.rev),
    [1, 2],
  );
  assert.equal(readRecord("thing").answer.score, 2);
  assert.equal(rating.said.at(-1), "open");
});

test("storage that fills up does not bring back an older answer", async () => {
  await press(3);
  localStorage.full = true;
  await press(1);
  assert.equal(readRecord("thing").answer.score, 1);
  localStorage.full = false;
  writeRecord("thing", readRecord("thing"));
  assert.equal(memory.thing, undefined);
  assert.equal(readRecord("thing").answer.score, 1);
});

const DAY = 24 * HOUR;
const clearStorage = () => Object.keys(localStorage).forEach((key) => delete localStorage[key]);
/** The server has the answer: as the part of the language stores it. */
const receive = async (saved_at) => {
  const record = readRecord("thing");
  const receipt = { vote: "v", rev: record.answer.rev, score: record.answer.score, saved_at };
  writeRecord("thing", { ...record, until: record.born + 2 * DAY, waits: 0, receipt });
  planShortening("thing");
  mock.timers.tick(0);
};

test("an unsent answer of a clock that was ahead is sent, and ends after 48 hours", async () => {
  mock.timers.setTime(1e12 + 365 * DAY);
  await press(3, "xx");
  mock.timers.setTime(1e12);
  limitLifetimes();
  server.will(new Error("offline"));
  sendAnswer("thing");
  await settle();
  assert.equal(server.sent.length, 1);
  assert.equal(readRecord("thing").until, 1e12 + 2 * DAY);
  mock.timers.setTime(1e12 + 2 * DAY);
  assert.equal(readRecord("thing"), undefined);
});

test("a received answer of a clock that was ahead ends 48 hours after its receipt", async () => {
  mock.timers.setTime(1e12 + 365 * DAY);
  await press(3);
  await receive(new Date(1e12).toISOString());
  mock.timers.setTime(1e12 + DAY);
  limitLifetimes();
  assert.equal(readRecord("thing").until, 1e12 + 2 * DAY);
  mock.timers.setTime(1e12 + 3 * DAY);
  assert.equal(readRecord("thing"), undefined);
});

test("a page that empties its storage loses no unsent answer, and nothing is stored there again", async () => {
  await press(3, "xx");
  const { id } = readRecord("thing").answer;
  clearStorage();
  server.will(new Error("offline"));
  sendAnswer("thing");
  await settle();
  assert.deepEqual(server.sent.map((body) => [body.id, body.rev, body.score]), [[id, 1, 3]]);
  writeRecord("thing", readRecord("thing"));
  assert.equal(memory.thing != null, true);
  await receive();
  assert.deepEqual([Object.keys(localStorage).filter((key) => key.startsWith("tilfreds:")), memory.thing], [[], undefined]);
});

test("after its receipt memory has the ids of an answer alone, so that a change is no second vote", async () => {
  await press(3);
  const { id } = readRecord("thing").answer;
  await receive();
  clearStorage();
  const { answer, receipt } = readRecord("thing");
  assert.deepEqual(answer, { id, rev: 1, lang: "en", subject: "/a" });
  assert.deepEqual(receipt, { vote: "v" });
  await press(1);
  assert.deepEqual(server.sent.map((body) => [body.id, body.rev]), [[id, 1], [id, 2]]);
  assert.equal(memory.thing, undefined);
});

for (const [when, forget] of [
  ["the visitor changes", () => forgetVisitor()],
  ["48 hours have passed", () => mock.timers.tick(48 * HOUR)],
])
  test(`memory has nothing once ${when}`, async () => {
    await press(3);
    await receive();
    clearStorage();
    forget();
    assert.equal(readRecord("thing"), undefined);
  });

test("with Global Privacy Control memory has nothing after the receipt", async () => {
  navigator.globalPrivacyControl = true;
  await press(3);
  await receive();
  clearStorage();
  delete navigator.globalPrivacyControl;
  assert.equal(readRecord("thing"), undefined);
});
