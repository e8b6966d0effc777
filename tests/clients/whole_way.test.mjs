// The JavaScript client as its package has it, before the server whose address is in the environment (test_javascript.py).
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

test("what is no secret is named, and a token of an hour is refused", async () => {
  await assert.rejects(sign({ secret: "tfk_k1_AAEC", siteKey, visitor: "ann" }), /no signing secret/);
  await assert.rejects(agentToken({ secret, siteKey, agent: "sam", issued: 1e6, expires: 1e6 + 3600 }), /15 minutes/);
});

async function talk(conversation, visitor) {
  await client.putAgent("sam", { name: "Sam" });
  await client.putConversation(conversation, { visitor, queued_at: new Date(Date.now() - 3600_000) });
  const stored = await client.addMessages(conversation, [
    { external_id: "m1", author: "visitor", text: "Where is it?" },
    { external_id: "m2", author: "agent", agent: "sam", text: "It comes tomorrow." },
  ]);
  assert.deepEqual(stored.map((one) => one.segment), [1, 1]);
}

/** What the visitor's page does, with the signature that the back end gave it. */
async function press(conversation, visitor) {
  const post = async (call, body) => {
    const answer = await fetch(`${baseUrl}/w/${siteKey}/${call}`, { method: "POST", body: JSON.stringify(body), headers: { Origin: ORIGIN } });
    assert.equal(answer.status, 200);
    return answer.json();
  };
  const signed = await sign({ secret, siteKey, visitor });
  const { token, revision } = await post("ended", { conversation, ...signed, expires: Number(signed.expires), revisions: [] });
  await post("votes", { token, revision, id: randomBytes(16).toString("base64url"), rev: 1, age_ms: 0, score: 1 });
}

test("the whole way of a chat, and votes over pages", async () => {
  const chats = ["order/17 æ?", "b", "c"];
  for (const [number, chat] of chats.entries()) {
    await talk(chat, `visitor${number}`);
    assert.deepEqual(await client.end(chat, { closer: "sam" }), await client.end(chat, { closer: "sam" }));
    await press(chat, `visitor${number}`);
  }
  const [segment] = (await client.conversation(chats[0])).segments;
  assert.deepEqual([segment.status, segment.pin, segment.rating.answer.sentiment], ["rated", "m2", "negative"]);
  assert.equal((await client.invitations(chats[0]))[0].status, "voted");
  const found = [];
  for await (const vote of client.votes({ limit: 2, agent: "sam", verified: true, since: new Date(Date.now() - 300_000) })) found.push(vote);
  assert.deepEqual(found.map((vote) => vote.subject), chats.toReversed());
  assert.equal((await client.vote(found[0].id)).history.length, 1);
});

test("nobody is asked when the back end says so; a person is forgotten", async () => {
  await talk("quiet", "eve");
  const { asked, reason, reason_text } = await client.end("quiet", { ask: false, closer: "sam", note: "a duplicate" });
  assert.equal(reason_text, "closed without asking by Sam: a duplicate");
  assert.equal(asked, false);
  assert.equal((await client.invitations("quiet"))[0].reason, reason);
  assert.equal((await client.ask("quiet", { agent: "sam" })).asked, true);
  assert.deepEqual(await client.eraseVisitor("eve"), { conversations: 1 });
});

test("an agent's token opens what the agent wrote in, until it is revoked", async () => {
  await talk("desk", "ann");
  const tokens = [(await client.agentToken("sam", "desk")).token, await agentToken({ secret, siteKey, agent: "sam", conversation: "desk" })];
  const opened = (token) => fetch(`${baseUrl}/agent/ratings?conversation=desk`, { headers: { Authorization: `Bearer ${token}` } });
  for (const token of tokens) assert.equal((await opened(token)).status, 200);
  await client.revokeAgent("sam");
  for (const token of tokens) assert.equal((await opened(token)).status, 401);
});

test("somebody is invited without a conversation; a vote is excluded and restored", async () => {
  const { token } = await client.invite("call/8 æ", { channel: "phone", agents: ["sam"] });
  assert.equal((await client.invite("call/8 æ")).token, token);
  assert.equal((await client.invitation("call/8 æ")).status, "asked");
  const { value } = await client.votes({ limit: 1 }).next();
  assert.equal((await client.exclude(value.id, "a test", { by: "Ruth" })).status, "excluded");
  assert.equal((await client.restore(value.id)).status, "counted");
});

test("a refusal names field and reason", async () => {
  await assert.rejects(client.putConversation("c", { channel: "pigeon" }), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.code, error.pointer], [422, "invalid", "/channel"]);
    return true;
  });
  await assert.rejects(client.conversation("nowhere"), { status: 404, code: "not_found" });
  await assert.rejects(new Tilfreds({ baseUrl, apiKey: "tfk_nobody" }).conversation("c"), { status: 401 });
  assert.throws(() => new Tilfreds({ baseUrl: "tilfreds.example", apiKey }), /baseUrl/);
});

async function failing(...answers) {
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
  ["what passes is tried again", [[503, { "Retry-After": "0" }, LATER], [429, { "Retry-After": "0" }, LATER], [200, {}, '{"segment": 1}']], 3],
  ["what stays is not", [[422, {}, LATER]], 1, { status: 422, detail: "Later." }],
  ["nobody waits for a minute", [[429, { "Retry-After": "60" }, LATER]], 1, { status: 429, retryAfter: 60 }],
  ["the last try tells what was answered", [[503, { "Retry-After": "0" }, LATER]], 3, { status: 503 }],
  ["no redirect is followed", [[302, { Location: "/elsewhere" }, ""]], 1, { status: 302 }],
  ["a proxy's page is no answer", [[404, {}, "<html>nothing here</html>"]], 1, { status: 404, code: "unknown" }],
]) {
  test(name, async () => {
    const { calls, server, client: caller } = await failing(...answers);
    try {
      if (expected) await assert.rejects(caller.end("c"), expected);
      else assert.deepEqual(await caller.end("c"), { segment: 1 });
      assert.deepEqual(calls, Array(tries).fill("POST /api/v1/conversations/c/end"));
    } finally {
      server.close();
    }
  });
}

test("nobody there, or nobody who answers, is told apart from no", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = `http://127.0.0.1:${silent.address().port}`;
  await assert.rejects(new Tilfreds({ baseUrl: address, apiKey, timeout: 50, tries: 1 }).end("c"), Unreachable);
  silent.closeAllConnections();
  silent.close();
  await once(silent, "close");
  await assert.rejects(new Tilfreds({ baseUrl: address, apiKey, tries: 1 }).end("c"), Unreachable);
});
