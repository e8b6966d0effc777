// Tests of the packed JavaScript client against the server whose address is in the environment (test_javascript.py).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { Refused, Tilfreds, Unreachable, agentToken, sign } from "tilfreds";

const { TILFREDS: baseUrl, SITE_KEY: siteKey, SIGNING_SECRET: secret, API_KEY: apiKey, DOCS, ORIGIN } = process.env;
const client = new Tilfreds({ baseUrl, apiKey });
const vectors = (name) => JSON.parse(readFileSync(`${DOCS}/${name}`, "utf8"));

for (const { signature, signed_hex, site_key, name, ...what } of vectors("signing-vectors.json")) {
  test(`signs as published: ${name}`, async () => {
    assert.deepEqual(await sign({ ...what, siteKey: site_key }), { visitor: what.visitor, signature, expires: String(what.expires) });
  });
}

for (const { token, signed_hex, site_key, name, ...what } of vectors("agent-token-vectors.json")) {
  test(`makes agent tokens as published: ${name}`, async () => {
    assert.equal(await agentToken({ ...what, siteKey: site_key }), token);
  });
}

test("a malformed secret and a token of an hour are rejected", async () => {
  await assert.rejects(sign({ secret: "tfk_k1_AAEC", siteKey, visitor: "ann" }), /Signing secret must have the form/);
  await assert.rejects(agentToken({ secret, siteKey, agent: "sam", issued: 1e6, expires: 1e6 + 3600 }), /15 minutes/);
});

async function talk(conversation, visitor) {
  await client.putAgent("sam", { name: "Sam" });
  await client.putConversation(conversation, { visitor, queued_at: new Date(Date.now() - 3600_000) });
  const stored = await client.addMessages(conversation, [
    { external_id: "m1", author: "visitor", text: "Where is it?" },
    { external_id: "m2", author: "agent", agent: "sam", text: "It comes tomorrow." },
  ]);
  assert.deepEqual(stored.map((message) => message.segment), [1, 1]);
}

test("a message is edited and removed", async () => {
  await talk("edited", "visitor");
  const edited = await client.editMessage("edited", "m1", { text: "Where is my parcel?", editedAt: new Date() });
  const removed = await client.removeMessage("edited", "m2");
  assert.deepEqual([edited.edited_at === null, edited.removed_at, removed.removed_at === null], [false, null, false]);
  const [segment] = (await client.conversation("edited")).segments;
  assert.deepEqual(segment.messages.map((message) => message.text), ["Where is my parcel?", ""]);
});

test("old conversations are imported", async () => {
  const rating = { scale: "thumbs", score: 2 };
  const chat = { external_id: "imported", ends: [{ ended_at: "2019-05-06T11:00:00Z", rating }] };
  const { imported, rejected } = await client.importConversations([chat, {}]);
  assert.deepEqual([imported.map((counts) => counts.ratings), rejected[0].pointer], [[1], "/external_id"]);
});

/** Vote as the visitor's page does, with the signature of the back end. */
async function press(conversation, visitor) {
  const post = async (call, body) => {
    const response = await fetch(`${baseUrl}/w/${siteKey}/${call}`, { method: "POST", body: JSON.stringify(body), headers: { Origin: ORIGIN } });
    assert.equal(response.status, 200);
    return response.json();
  };
  const attributes = await sign({ secret, siteKey, visitor });
  const { token, revision } = await post("ended", { conversation, ...attributes, expires: Number(attributes.expires), revisions: [] });
  await post("votes", { token, revision, id: randomBytes(16).toString("base64url"), rev: 1, age_ms: 0, score: 1 });
}

test("a chat from its start to its vote, and votes across pages", async () => {
  const chats = ["order/17 æ?", "b", "c"];
  for (const [number, chat] of chats.entries()) {
    await talk(chat, `visitor${number}`);
    assert.deepEqual(await client.end(chat, { closer: "sam" }), await client.end(chat, { closer: "sam" }));
    await press(chat, `visitor${number}`);
  }
  const [segment] = (await client.conversation(chats[0])).segments;
  assert.deepEqual([segment.status, segment.pin, segment.rating.answer.sentiment], ["rated", "m2", "negative"]);
  const messages = [];
  for await (const message of client.messages(chats[0])) messages.push(message.external_id);
  assert.deepEqual(messages, ["m2", "m1"]);
  assert.equal((await client.invitations(chats[0]))[0].status, "voted");
  const votes = [];
  for await (const vote of client.votes({ limit: 2, agent: "sam", verified: true, since: new Date(Date.now() - 300_000) })) votes.push(vote);
  assert.deepEqual(votes.map((vote) => vote.subject), chats.toReversed());
  const history = [];
  for await (const entry of client.voteHistory(votes[0].id)) history.push(entry.comment);
  assert.equal(history.length, 1);
});

test("the back end can end a chat without asking; a visitor is erased", async () => {
  await talk("quiet", "eve");
  const decision = await client.end("quiet", { ask: false, closer: "sam", note: "a duplicate" });
  assert.equal(decision.reason_text, "closed without asking by Sam: a duplicate");
  assert.equal(decision.asked, false);
  assert.equal((await client.invitations("quiet"))[0].reason, decision.reason);
  assert.equal((await client.ask("quiet", { agent: "sam" })).asked, true);
  assert.deepEqual(await client.eraseVisitor("eve"), { conversations: 1 });
});

test("an agent token opens the agent's conversation until it is revoked", async () => {
  await talk("desk", "ann");
  const tokens = [(await client.agentToken("sam", "desk")).token, await agentToken({ secret, siteKey, agent: "sam", conversation: "desk" })];
  const open = (token) => fetch(`${baseUrl}/agent/ratings?conversation=desk`, { headers: { Authorization: `Bearer ${token}` } });
  for (const token of tokens) assert.equal((await open(token)).status, 200);
  await client.revokeAgent("sam");
  for (const token of tokens) assert.equal((await open(token)).status, 401);
});

test("a visitor is invited without a conversation; a vote is excluded and restored", async () => {
  const { token } = await client.invite("call/8 æ", { channel: "phone", agents: ["sam"] });
  assert.equal((await client.invite("call/8 æ")).token, token);
  assert.equal((await client.invitation("call/8 æ")).status, "asked");
  const { value } = await client.votes({ limit: 1 }).next();
  assert.equal((await client.exclude(value.id, "a test", { by: "Ruth" })).status, "excluded");
  assert.equal((await client.restore(value.id)).status, "counted");
  assert.ok((await client.eraseWords(value.id)).erased_at);
});

test("a rejection names the field and the reason", async () => {
  await assert.rejects(client.putConversation("c", { channel: "pigeon" }), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.code, error.pointer], [422, "invalid", "/channel"]);
    return true;
  });
  await assert.rejects(client.conversation("nowhere"), { status: 404, code: "not_found" });
  await assert.rejects(new Tilfreds({ baseUrl, apiKey: "tfk_unknown" }).conversation("c"), { status: 401 });
  assert.throws(() => new Tilfreds({ baseUrl: "tilfreds.example", apiKey }), /baseUrl/);
});

/** Start a server that returns one answer (status, headers, body) to each call, and repeats the last one. */
async function startStub(...answers) {
  const calls = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const [status, headers, body] = answers.length > 1 ? answers.shift() : answers[0];
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { calls, server, client: new Tilfreds({ baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey: "tfk_x", tries: 3 }) };
}

const LATER = '{"code": "unavailable", "detail": "Later."}';
for (const [name, answers, tries, expected] of [
  ["a temporary failure is tried again", [[503, { "Retry-After": "0" }, LATER], [429, { "Retry-After": "0" }, LATER], [200, {}, '{"segment": 1}']], 3],
  ["a permanent failure is not tried again", [[422, {}, LATER]], 1, { status: 422, detail: "Later." }],
  ["a long wait fails at once", [[429, { "Retry-After": "60" }, LATER]], 1, { status: 429, retryAfter: 60 }],
  ["the last try rejects with its response", [[503, { "Retry-After": "0" }, LATER]], 3, { status: 503 }],
  ["a redirect is not followed", [[302, { Location: "/elsewhere" }, ""]], 1, { status: 302 }],
  ["a page of a proxy is an error", [[404, {}, "<html>nothing here</html>"]], 1, { status: 404, code: "unknown" }],
]) {
  test(name, async () => {
    const { calls, server, client: caller } = await startStub(...answers);
    try {
      if (expected) await assert.rejects(caller.end("c"), expected);
      else assert.deepEqual(await caller.end("c"), { segment: 1 });
      assert.deepEqual(calls, Array(tries).fill("POST /api/v1/conversations/c/end"));
    } finally {
      server.close();
    }
  });
}

test("a missing server and a silent one are unreachable", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = `http://127.0.0.1:${silent.address().port}`;
  await assert.rejects(new Tilfreds({ baseUrl: address, apiKey, timeout: 50, tries: 1 }).end("c"), Unreachable);
  silent.closeAllConnections();
  silent.close();
  await once(silent, "close");
  await assert.rejects(new Tilfreds({ baseUrl: address, apiKey, tries: 1 }).end("c"), Unreachable);
});
