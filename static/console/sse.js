// Reads server-sent events from a response body, because EventSource cannot send a token in a header.

/**
 * @typedef {ReadableStream<Uint8Array<ArrayBuffer>>} Body
 * @typedef {{ id?: string, event?: string, data?: string }} ServerEvent `data` is one line: the server sends JSON
 */

/**
 * Yield each event until the stream ends. A heartbeat is one, too, with no more than an id.
 * @param {Body} body
 * @returns {AsyncGenerator<ServerEvent, void, void>}
 */
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let chunk; !(chunk = await reader.read()).done;) {
    const frames = (rest + chunk.value).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) yield parseEvent(frame);
  }
}

/** @param {string} frame @returns {ServerEvent} */
function parseEvent(frame) {
  return Object.fromEntries(frame.split("\n").map((line) => line.split(/: (.*)/)));
}
