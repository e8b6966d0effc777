// An event stream by fetch: the token goes in a header, never in an address. Resumes after the last position it saw.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
/** A stream that does not say hello for so long is taken for none; it may still come. */
const PATIENCE = 5000;
/** Three of the server's beats: after that much silence the line is dead. */
const SILENCE = 45000;

/**
 * @typedef {{ event: string, data: any }} Told
 * @typedef {{ onTold: (told: Told) => void, onState: (state: "live" | "cut" | "out") => void }} Ears
 */

export class Stream {
  /** @param {string} pass where the live token is had @param {string} position @param {Ears} ears */
  constructor(pass, position, ears) {
    this.pass = pass;
    this.position = position;
    this.ears = ears;
    /** @type {string[]} */
    this.conversations = [];
    this.token = "";
    this.url = "";
    this.pause = FIRST_PAUSE;
    this.run = 0;
    this.late = 0;
    /** @type {AbortController | null} */
    this.abort = null;
  }

  /** Follow conversations from the last position on; an older run of this stream ends. @param {string[]} conversations */
  async follow(conversations) {
    this.conversations = conversations;
    this.abort?.abort();
    const run = ++this.run;
    while (run === this.run) {
      const again = await this.once(run);
      if (run !== this.run) return;
      if (!again) return this.ears.onState("out");
      this.ears.onState("cut");
      await new Promise((resolve) => setTimeout(resolve, this.pause * (0.5 + Math.random())));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
  }

  stop() {
    this.run++;
    clearTimeout(this.late);
    this.abort?.abort();
  }

  /** One connection, to its end. False when there is no use in trying again. @param {number} run */
  async once(run) {
    const abort = (this.abort = new AbortController());
    clearTimeout(this.late);
    let watch = 0;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), SILENCE);
    };
    heard();
    this.late = setTimeout(() => this.ears.onState("cut"), PATIENCE);
    try {
      if (!this.token) await this.getPass(abort.signal);
      const address = new URL(this.url);
      address.searchParams.set("after", this.position);
      address.searchParams.set("list", "1");
      for (const conversation of this.conversations) address.searchParams.append("conversation", conversation);
      const answer = await fetch(address, { headers: { Authorization: `Bearer ${this.token}` }, signal: abort.signal, cache: "no-store" });
      if (answer.status === 401) this.token = "";
      if (!answer.ok || !answer.body) {
        this.pause = Math.max(this.pause, 1000 * Number(answer.headers.get("Retry-After") ?? 0));
        return true;
      }
      await this.read(answer.body.getReader(), run, heard);
      return true;
    } catch (error) {
      return !(error instanceof SignedOut);
    } finally {
      clearTimeout(watch);
      if (run === this.run) clearTimeout(this.late);
    }
  }

  /** @param {AbortSignal} signal */
  async getPass(signal) {
    const answer = await fetch(this.pass, { signal, cache: "no-store" });
    if (answer.status === 401 || answer.status === 404) throw new SignedOut();
    if (!answer.ok) throw new Error(`the pass was refused: ${answer.status}`);
    const { token, url } = await answer.json();
    this.token = token;
    this.url = url;
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {number} run @param {() => void} heard */
  async read(reader, run, heard) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || run !== this.run) return;
      heard();
      const frames = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = /** @type {string} */ (frames.pop());
      for (const frame of frames) this.take(frame);
    }
  }

  /** @param {string} frame */
  take(frame) {
    /** @type {Record<string, string>} */
    const fields = {};
    for (const line of frame.split("\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    if (fields.id) this.position = fields.id;
    if (!fields.event) return;
    const data = JSON.parse(fields.data);
    if (fields.event === "token") this.token = data.token;
    if (fields.event === "over") this.token = "";
    if (fields.event === "hello") {
      this.pause = FIRST_PAUSE;
      clearTimeout(this.late);
      this.ears.onState("live");
    }
    this.ears.onTold({ event: fields.event, data });
  }
}

class SignedOut extends Error {}
