import assert from "node:assert/strict";
import test from "node:test";
import { readEvents } from "../../static/console/sse.js";

/** @param {Uint8Array[]} chunks */
async function read(...chunks) {
  const events = [];
  for await (const event of readEvents(ReadableStream.from(chunks))) events.push(event);
  return events;
}

const bytes = new TextEncoder().encode('id: 7\nevent: change\ndata: {"note":"a: ø"}\n\n:\nid: 8\n\n');
const change = { id: "7", event: "change", data: '{"note":"a: ø"}' };

test("events are the same wherever the network splits them", async () => {
  for (let split = 0; split <= bytes.length; split++) {
    const [event, heartbeat] = await read(bytes.slice(0, split), bytes.slice(split));
    assert.deepEqual(event, change, `split at ${split}`);
    assert.equal(heartbeat.id, "8");
    assert.equal(heartbeat.event, undefined);
  }
});

test("an event that is cut off is not read", async () => {
  assert.deepEqual(await read(bytes.slice(0, -1)), [change]);
  assert.deepEqual(await read(bytes.slice(0, 20)), []);
});
