import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { settings } from "./page.js";

globalThis.customElements = {
  get: () => ({ core: [new Set(), {}, null, "tilfreds:KEY:", null, null, null, settings, null, null] }),
};
const { ensureSecret } = await import("../../static/src/later/chat-secret.js");
const { chat } = await import("../../static/src/later/chat-state.js");

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: 1e12 });
  sessionStorage.broken = false;
  delete sessionStorage["tilfreds:KEY:chat"];
  chat.unstored = undefined;
});

test("it is 22 random letters and digits", () => {
  const many = Array.from({ length: 500 }, () => ensureSecret(undefined, true));
  for (const one of many) assert.match(one, /^[A-Za-z0-9]{22}$/);
  assert.equal(new Set(many).size, 500);
  assert.equal(new Set(many.join("")).size, 62);
});

test("a chat that goes on keeps it, and so does a reload", () => {
  const one = ensureSecret("c1", true);
  assert.equal(ensureSecret("c1", true), one);
  assert.equal(ensureSecret("c1"), one);
  assert.equal(ensureSecret(), one);
});

test("another conversation, or a start that names none, has another", () => {
  const one = ensureSecret("c1", true);
  assert.notEqual(ensureSecret("c2", true), one);
  const two = ensureSecret("c2");
  assert.notEqual(ensureSecret(undefined, true), two);
});

test("a start without a name that learns its name later keeps it", () => {
  const one = ensureSecret(undefined, true);
  assert.equal(ensureSecret("c1"), one);
  assert.notEqual(ensureSecret("c2"), one);
});

test("it ends after 48 hours", () => {
  const one = ensureSecret("c1", true);
  mock.timers.tick(48 * 3600e3 + 1);
  assert.notEqual(ensureSecret("c1"), one);
});

test("without storage it lives as long as the page", () => {
  sessionStorage.broken = true;
  const one = ensureSecret("c1", true);
  assert.equal(ensureSecret("c1"), one);
});

test("a start that a clock ahead of time stored ends after 48 hours", () => {
  mock.timers.setTime(2e12);
  const first = ensureSecret("c1", true);
  mock.timers.setTime(1e12);
  assert.equal(ensureSecret("c1"), first);
  mock.timers.setTime(1e12 + 49 * 3600e3);
  assert.notEqual(ensureSecret("c1"), first);
});
