// Reads an event stream by fetch, with the token in a header, never in an address. Resumes after the last position.
import { readEvents } from "./sse.js";

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30000;
/** After this time without `hello` the page polls; the stream may still open. */
const OPEN_TIMEOUT_MS = 5000;
/** Three heartbeats of the server: a connection that is silent for longer is broken. */
const MAX_SILENCE_MS = 45000;

/**
 * @typedef {{ event: string, data: any }} StreamEvent
 * @typedef {{ onEvent: (message: StreamEvent) => void, onState: (state: "live" | "cut" | "out") => void }} Listeners
 */

export class Stream {
  /** @param {string} tokenAddress @param {string} position @param {Listeners} listeners */
  constructor(tokenAddress, position, listeners) {
    this.tokenAddress = tokenAddress;
    this.position = position;
    this.listeners = listeners;
    /** @type {string[]} */
    this.conversations = [];
    this.token = "";
    this.url = "";
    this.pause = FIRST_PAUSE_MS;
    this.run = 0;
    this.late = 0;
    /** @type {AbortController | null} */
    this.abort = null;
  }

  /**
   * Follow conversations after the last position, and end an older run of this stream.
   *
   * @param {string[]} conversations
   */
  async follow(conversations) {
    this.conversations = conversations;
    this.abort?.abort();
    const run = ++this.run;
    while (run === this.run) {
      const isSignedIn = await this.once(run);
      if (run !== this.run) return;
      if (!isSignedIn) return this.listeners.onState("out");
      this.listeners.onState("cut");
      await new Promise((resolve) => setTimeout(resolve, this.pause * (0.5 + Math.random())));
      this.pause = Math.min(this.pause * 2, MAX_PAUSE_MS);
    }
  }

  stop() {
    this.run++;
    clearTimeout(this.late);
    this.abort?.abort();
  }

  /** Read one connection to its end. Return false if the user is signed out. @param {number} run */
  async once(run) {
    const abort = (this.abort = new AbortController());
    clearTimeout(this.late);
    let watch = 0;
    const restartWatch = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), MAX_SILENCE_MS);
    };
    restartWatch();
    this.late = setTimeout(() => this.listeners.onState("cut"), OPEN_TIMEOUT_MS);
    try {
      if (!this.token) await this.fetchToken(abort.signal);
      const address = new URL(this.url);
      address.searchParams.set("after", this.position);
      address.searchParams.set("list", "1");
      for (const conversation of this.conversations) address.searchParams.append("conversation", conversation);
      const response = await fetch(address, {
        headers: { Authorization: `Bearer ${this.token}` },
        signal: abort.signal,
        cache: "no-store",
      });
      if (response.status === 401) this.token = "";
      if (!response.ok || !response.body) {
        this.pause = Math.max(this.pause, 1000 * Number(response.headers.get("Retry-After") ?? 0));
        return true;
      }
      for await (const message of readEvents(response.body)) {
        if (run !== this.run) return true;
        restartWatch();
        this.handle(message);
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
  async fetchToken(signal) {
    const response = await fetch(this.tokenAddress, { signal, cache: "no-store" });
    if (response.status === 401 || response.status === 404) throw new SignedOut();
    if (!response.ok) throw new Error(`the token request failed: ${response.status}`);
    const { token, url } = await response.json();
    this.token = token;
    this.url = url;
  }

  /** @param {import("./sse.js").ServerEvent} message */
  handle({ id, event, data = "" }) {
    if (id) this.position = id;
    if (!event) return;
    const streamEvent = { event, data: JSON.parse(data) };
    if (event === "token") this.token = streamEvent.data.token;
    if (event === "over") this.token = "";
    if (event === "hello") {
      this.pause = FIRST_PAUSE_MS;
      clearTimeout(this.late);
      this.listeners.onState("live");
    }
    this.listeners.onEvent(streamEvent);
  }
}

class SignedOut extends Error {}
