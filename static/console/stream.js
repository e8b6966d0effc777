// An event stream by fetch: the token goes in a header, never in an address. Resumes after the last position it saw.
import { readEvents } from "./sse.js";

const FIRST_PAUSE = 1000;
const MAX_PAUSE_MS = 30000;
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
      this.pause = Math.min(this.pause * 2, MAX_PAUSE_MS);
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
      const answer = await fetch(address, {
        headers: { Authorization: `Bearer ${this.token}` },
        signal: abort.signal,
        cache: "no-store",
      });
      if (answer.status === 401) this.token = "";
      if (!answer.ok || !answer.body) {
        this.pause = Math.max(this.pause, 1000 * Number(answer.headers.get("Retry-After") ?? 0));
        return true;
      }
      for await (const message of readEvents(answer.body)) {
        if (run !== this.run) return true;
        heard();
        this.take(message);
      }
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

  /** @param {import("./sse.js").ServerEvent} message */
  take({ id, event, data = "" }) {
    if (id) this.position = id;
    if (!event) return;
    const told = { event, data: JSON.parse(data) };
    if (event === "token") this.token = told.data.token;
    if (event === "over") this.token = "";
    if (event === "hello") {
      this.pause = FIRST_PAUSE;
      clearTimeout(this.late);
      this.ears.onState("live");
    }
    this.ears.onTold(told);
  }
}

class SignedOut extends Error {}
