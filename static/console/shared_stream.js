// Shares one stream among all tabs of a browser that show the same site: one tab holds it and passes its events on.
// A lock decides which; when that tab closes, the next in the queue takes over from the same position.
import { Stream } from "./stream.js";

/** A tab that is not told for so long that the stream follows its conversation looks by itself meanwhile. */
const PATIENCE = 5000;
const GATHER = 20;
/** What one stream may follow; a tab that finds no room looks by itself. */
const MAX_FOLLOWED = 50;
/** What the holder passes on. Its token never is. */
const SHARED = ["change", "list", "reset"];

/** @typedef {import("./stream.js").Ears} Ears @typedef {import("./stream.js").Told} Told */

/** Browsers without locks or channels (and pages that are not encrypted) have a stream for each tab. @param {string} pass @param {string} position @param {Ears} ears */
export function openStream(pass, position, ears) {
  return "locks" in navigator && "BroadcastChannel" in self
    ? new SharedStream(pass, position, ears)
    : new Stream(pass, position, ears);
}

class SharedStream {
  /** @param {string} pass @param {string} position @param {Ears} ears */
  constructor(pass, position, ears) {
    this.name = `tilfreds:${pass}`;
    this.ears = ears;
    this.tab = crypto.randomUUID();
    /** @type {string[]} */
    this.own = [];
    /** What the other tabs follow. @type {Map<string, string[]>} */
    this.others = new Map();
    /** As the holder: what its stream follows, and whether it does so at this moment. @type {string[]} */
    this.followed = [];
    this.state = "";
    this.isHolder = false;
    /** Whether the stream, whoever holds it, follows what this tab shows. */
    this.isCovered = false;
    this.late = 0;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
    this.leave = () => {};
    this.stream = new Stream(pass, position, { onState: (now) => this.hold(now), onTold: (told) => this.pass(told) });
    // A page that is put aside keeps no turn; where it is shown again it begins anew.
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

  /** Tell the holder, if there is one, what this tab follows. */
  ask() {
    this.isCovered = false;
    clearTimeout(this.late);
    this.late = setTimeout(() => this.ears.onState("cut"), PATIENCE);
    this.say({ kind: "wants", conversations: this.own });
  }

  /** As the holder: follow what all tabs want, from where the stream was. */
  open() {
    this.state = "";
    this.followed = [...new Set([...this.own, ...[...this.others.values()].flat()])].slice(0, MAX_FOLLOWED);
    this.stream.follow(this.followed);
  }

  /** As the holder: what became of the stream. @param {"live" | "cut" | "out"} now */
  hold(now) {
    this.state = now;
    this.ears.onState(now);
    // Whether they are signed out the others find out by themselves: the next one takes its turn.
    if (now === "out") this.stop();
    else this.sayState();
  }

  sayState() {
    this.say({ kind: "state", state: this.state, followed: this.followed });
  }

  /** As the holder. @param {Told} told */
  pass(told) {
    if (!SHARED.includes(told.event)) return;
    this.say({ kind: "told", told });
    this.tell(told);
  }

  /** What happened in another tab's conversation is for this one a change of the list. @param {Told} told */
  tell(told) {
    const { conversation } = told.data;
    const isElsewhere = told.event === "change" && conversation && !this.own.includes(conversation);
    this.ears.onTold(isElsewhere ? { event: "list", data: told.data } : told);
  }

  /** @param {any} message */
  say(message) {
    this.channel?.postMessage({ ...message, tab: this.tab, position: this.position });
  }

  /** @param {any} message */
  hear(message) {
    const { kind, tab } = message;
    if (kind === "gone") this.others.delete(tab);
    else if (kind === "wants") this.noteRequest(tab, message.conversations);
    else if (!this.isHolder) this.hearHolder(message);
  }

  /** @param {string} tab @param {string[]} conversations */
  noteRequest(tab, conversations) {
    this.others.set(tab, conversations);
    if (!this.isHolder) return;
    if (this.isFollowed(conversations, this.followed)) return this.state && this.sayState();
    // After a change of turns all tabs say at once what they want: one stream for all of it.
    clearTimeout(this.late);
    this.late = setTimeout(() => this.open(), GATHER);
  }

  /** @param {string[]} conversations @param {string[]} followed */
  isFollowed(conversations, followed) {
    return conversations.every((conversation) => followed.includes(conversation));
  }

  /** @param {any} message */
  hearHolder({ kind, position, state, followed, told }) {
    if (kind === "held") return this.ask();
    if (state === "cut") {
      this.isCovered = false;
      this.ears.onState("cut");
    }
    if (state === "live" && !this.isCovered && this.isFollowed(this.own, followed)) this.begin();
    if (!this.isCovered) return;
    // Only as far as this tab was told: from there it goes on when the turn is its own.
    this.position = position;
    if (kind === "told") this.tell(told);
  }

  /** From here on all is told. What happened before, while nobody told it, is read. */
  begin() {
    this.isCovered = true;
    clearTimeout(this.late);
    this.ears.onState("live");
    this.ears.onTold({ event: "reset", data: {} });
  }
}
