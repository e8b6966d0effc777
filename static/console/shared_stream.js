// Shares one stream among all tabs of a browser that show the same site: the tab with the lock holds it and passes its
// events on. When that tab closes, the next in the queue continues from the same position.
import { Stream } from "./stream.js";

/** A tab polls if the holder has not confirmed its conversation after this time. */
const CONFIRMATION_TIMEOUT_MS = 5000;
const GATHER_MS = 20;
/** The most conversations of one stream; a tab beyond them polls. */
const MAX_FOLLOWED = 50;
/** The events that the holder passes on. It never shares its token. */
const SHARED_EVENTS = ["change", "list", "reset"];

/** @typedef {import("./stream.js").Listeners} Listeners @typedef {import("./stream.js").StreamEvent} StreamEvent */

/**
 * Open a stream. Browsers without locks or channels, and pages without TLS, have a stream for each tab.
 * @param {string} tokenAddress @param {string} position @param {Listeners} listeners
 */
export function openStream(tokenAddress, position, listeners) {
  return "locks" in navigator && "BroadcastChannel" in self
    ? new SharedStream(tokenAddress, position, listeners)
    : new Stream(tokenAddress, position, listeners);
}

class SharedStream {
  /** @param {string} tokenAddress @param {string} position @param {Listeners} listeners */
  constructor(tokenAddress, position, listeners) {
    this.name = `tilfreds:${tokenAddress}`;
    this.listeners = listeners;
    this.tab = crypto.randomUUID();
    /** @type {string[]} */
    this.own = [];
    /** The conversations of the other tabs. @type {Map<string, string[]>} */
    this.others = new Map();
    /** As the holder: the conversations and the state of its stream. @type {string[]} */
    this.followed = [];
    this.state = "";
    this.isHolder = false;
    /** Whether the holder's stream follows the conversation of this tab. */
    this.isCovered = false;
    this.late = 0;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
    this.leave = () => {};
    this.stream = new Stream(tokenAddress, position, {
      onState: (now) => this.shareState(now),
      onEvent: (message) => this.share(message),
    });
    // A page in the back/forward cache gives up the lock, and joins again when it is shown.
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", ({ persisted }) => persisted && this.follow(this.own));
  }

  get position() {
    return this.stream.position;
  }

  set position(position) {
    this.stream.position = position;
  }

  /** @param {string[]} conversations */
  follow(conversations) {
    this.own = conversations;
    if (!this.channel) this.join();
    if (this.isHolder) this.open();
    else this.ask();
  }

  stop() {
    this.say({ kind: "gone" });
    this.stream.stop();
    clearTimeout(this.late);
    this.channel?.close();
    this.channel = null;
    this.isHolder = this.isCovered = false;
    this.others.clear();
    this.leave();
  }

  join() {
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }) => this.hear(data);
    const waiting = new AbortController();
    this.leave = () => waiting.abort();
    const turn = () =>
      new Promise((over) => {
        this.leave = () => over(undefined);
        this.isHolder = true;
        clearTimeout(this.late);
        this.say({ kind: "held" });
        this.open();
      });
    navigator.locks.request(this.name, { signal: waiting.signal }, turn).catch(() => {});
  }

  /** Send the holder, if there is one, the conversation of this tab. */
  ask() {
    this.isCovered = false;
    clearTimeout(this.late);
    this.late = setTimeout(() => this.listeners.onState("cut"), CONFIRMATION_TIMEOUT_MS);
    this.say({ kind: "follow", conversations: this.own });
  }

  /** As the holder: follow the conversations of all tabs, from the last position. */
  open() {
    this.state = "";
    this.followed = [...new Set([...this.own, ...[...this.others.values()].flat()])].slice(0, MAX_FOLLOWED);
    this.stream.follow(this.followed);
  }

  /** As the holder: pass on the state of the stream. @param {"live" | "cut" | "out"} now */
  shareState(now) {
    this.state = now;
    this.listeners.onState(now);
    // The next tab takes the lock, and finds out whether it is signed out, too.
    if (now === "out") this.stop();
    else this.sayState();
  }

  sayState() {
    this.say({ kind: "state", state: this.state, followed: this.followed });
  }

  /** As the holder: pass an event on. @param {StreamEvent} message */
  share(message) {
    if (!SHARED_EVENTS.includes(message.event)) return;
    this.say({ kind: "event", message });
    this.dispatch(message);
  }

  /** Dispatch an event; one of another tab's conversation is a change of the list here. @param {StreamEvent} message */
  dispatch(message) {
    const { conversation } = message.data;
    const isElsewhere = message.event === "change" && conversation && !this.own.includes(conversation);
    this.listeners.onEvent(isElsewhere ? { event: "list", data: message.data } : message);
  }

  /** @param {any} message */
  say(message) {
    this.channel?.postMessage({ ...message, tab: this.tab, position: this.position });
  }

  /** @param {any} message */
  hear(message) {
    const { kind, tab } = message;
    if (kind === "gone") this.others.delete(tab);
    else if (kind === "follow") this.noteRequest(tab, message.conversations);
    else if (!this.isHolder) this.hearHolder(message);
  }

  /** @param {string} tab @param {string[]} conversations */
  noteRequest(tab, conversations) {
    this.others.set(tab, conversations);
    if (!this.isHolder) return;
    if (this.isFollowed(conversations, this.followed)) return this.state && this.sayState();
    // A new holder hears from all tabs at once, so it waits shortly and opens one stream for all.
    clearTimeout(this.late);
    this.late = setTimeout(() => this.open(), GATHER_MS);
  }

  /** @param {string[]} conversations @param {string[]} followed */
  isFollowed(conversations, followed) {
    return conversations.every((conversation) => followed.includes(conversation));
  }

  /** @param {any} message */
  hearHolder({ kind, position, state, followed, message }) {
    if (kind === "held") return this.ask();
    if (state === "cut") {
      this.isCovered = false;
      this.listeners.onState("cut");
    }
    if (state === "live" && !this.isCovered && this.isFollowed(this.own, followed)) this.begin();
    if (!this.isCovered) return;
    // The position of the last event that this tab received: it continues from there as the holder.
    this.position = position;
    if (kind === "event") this.dispatch(message);
  }

  /** Receive every event from now on, and read the page again for the events that were missed. */
  begin() {
    this.isCovered = true;
    clearTimeout(this.late);
    this.listeners.onState("live");
    this.listeners.onEvent({ event: "reset", data: {} });
  }
}
