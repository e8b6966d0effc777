// The base of both elements for agents: reads a conversation's ratings, places each, and keeps them up to date.
import { readEvents } from "../console/sse.js";
import { safeDocument, unclobbered } from "../src/clobbering.js";
import { createEvent } from "../src/dom.js";
import { Band } from "./band.js";
import { chooseTexts } from "./texts.js";

/**
 * @typedef {import("../console/sse.js").ServerEvent} ServerEvent
 * @typedef {import("../console/sse.js").Body} Body
 * @typedef {import("./types").Rating} Rating
 * @typedef {import("./types").RatingsBody} RatingsBody
 */

const HOME = /** @type {HTMLScriptElement} */ (safeDocument.currentScript).src;
/** Seconds between two polls without a stream; an unchanged response is an empty 304. */
const MAX_PAUSE_SECONDS = 15;
/** Milliseconds until the first event of a stream. */
const OPEN_TIMEOUT_MS = 5000;
/** Three heartbeats of the server: a connection that is silent for longer is broken. */
const MAX_SILENCE_MS = 45000;

/** A longer delay could overflow a timer, which then fires at once. */
const MAX_RETRY_AFTER_SECONDS = 3600;

export class Ratings extends HTMLElement {
  static observedAttributes = ["conversation", "token", "messages"];
  /** @type {Map<string, Band>} */
  bands = new Map();
  /** @type {Rating[]} */
  ratings = [];
  token = "";
  conversation = "";
  stream = "";
  /** @type {string | null} The position from which the stream is followed. */
  position = "";
  etag = "";
  wait = 0;
  reads = 0;
  isDue = false;
  life = new AbortController();
  texts = chooseTexts(this);
  watch = new MutationObserver(() => this.place());

  connectedCallback() {
    this.attributeChangedCallback();
  }

  disconnectedCallback() {
    this.end();
    this.show([]);
    this.conversation = "";
  }

  /** Attributes change one by one; all that are set in one task count as one change. */
  attributeChangedCallback() {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      if (this.isConnected) this.begin();
    });
  }

  begin() {
    this.end();
    const conversation = this.getAttribute("conversation") ?? "";
    if (conversation != this.conversation) this.show([]);
    this.conversation = conversation;
    this.token = this.getAttribute("token") ?? "";
    this.etag = "";
    this.texts = chooseTexts(this);
    this.life = new AbortController();
    this.look();
    if (conversation && this.token) this.follow(this.life.signal);
  }

  end() {
    this.life.abort();
    this.watch.disconnect();
  }

  look() {
    this.watch.observe(this.getRootNode(), { subtree: true, childList: true, attributeFilter: [this.mark] });
  }

  get mark() {
    return this.getAttribute("messages") || "data-message-id";
  }

  /**
   * Read, then listen from that position; after the stream ends or fails, read again after a pause.
   * @param {AbortSignal} life
   */
  async follow(life) {
    for (let pause = 1; !life.aborted; pause = Math.min(pause * 2, MAX_PAUSE_SECONDS)) {
      this.wait = 0;
      if ((await this.read(life)) && (await this.listen(life))) pause = 1;
      const seconds = Math.max(this.wait, pause * (0.5 + Math.random()));
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }

  /**
   * Fetch with the token as a header, never in an address.
   * @param {string | URL} address
   * @param {AbortSignal} signal
   * @param {object} [headers]
   */
  async get(address, signal, headers) {
    const answer = await fetch(address, {
      headers: { Authorization: `Bearer ${this.token}`, "Accept-Language": this.texts.language, ...headers },
      signal,
      cache: "no-store",
      credentials: "omit",
    });
    // Retry-After may be a date; it is not used.
    this.wait = Math.min(Number(answer.headers.get("Retry-After")) || 0, MAX_RETRY_AFTER_SECONDS);
    if (answer.status == 401 && !signal.aborted) this.expire();
    return answer;
  }

  /**
   * Read the ratings. Return whether the request succeeded, also if nothing changed.
   * @param {AbortSignal} life
   */
  async read(life) {
    const run = ++this.reads;
    const address = new URL(`agent/ratings?conversation=${encodeURIComponent(this.conversation)}`, HOME);
    try {
      const answer = await this.get(address, life, this.etag ? { "If-None-Match": this.etag } : {});
      /** @type {RatingsBody | null} */
      const body = answer.ok ? await answer.json() : null;
      const isUnchanged = answer.status == 304;
      if (life.aborted || (!body && !isUnchanged)) return false;
      // A slow older read must not replace the result of a newer one.
      if (run < this.reads) return true;
      const { headers } = answer;
      this.token = headers.get("Tilfreds-Token") ?? this.token;
      this.etag = headers.get("ETag") ?? "";
      if (body) {
        this.stream = `${body.live}?conversation=${body.id}&after=`;
        this.show(body.ratings);
        this.tell("ratings", body.ratings);
      }
      this.position = headers.get("Tilfreds-Position");
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Follow a stream to its end. Return whether it sent an event.
   * @param {AbortSignal} life
   */
  async listen(life) {
    const line = new AbortController();
    let watch = setTimeout(() => line.abort(), OPEN_TIMEOUT_MS);
    let came = false;
    try {
      const answer = await this.get(this.stream + this.position, AbortSignal.any([life, line.signal]));
      // A full live process must not slow down polling.
      this.wait = Math.min(this.wait, MAX_PAUSE_SECONDS);
      // A successful response to GET has a body.
      for await (const message of answer.ok ? readEvents(/** @type {Body} */ (answer.body)) : []) {
        clearTimeout(watch);
        watch = setTimeout(() => line.abort(), MAX_SILENCE_MS);
        this.hear(message, life, line);
        came = true;
      }
    } catch {}
    clearTimeout(watch);
    return came;
  }

  /**
   * Handle one event. If a change cannot be read, end the stream, because its end causes another read.
   * @param {ServerEvent} message
   * @param {AbortSignal} life
   * @param {AbortController} line
   */
  hear({ event, data = "{}" }, life, line) {
    const { token, reason } = JSON.parse(data);
    if (event == "token") this.token = token;
    if (event == "over" && reason != "behind") this.expire();
    if (event == "change" || event == "reset") {
      this.read(life).then((isKnown) => {
        if (!isKnown) line.abort();
      });
    }
  }

  expire() {
    this.end();
    // Shown ratings stay, and the page may still move their messages.
    this.look();
    this.tell("expired");
  }

  /** @param {string} name @param {any} [detail] */
  tell(name, detail) {
    this.dispatchEvent(createEvent(name, detail));
  }

  /** @param {Rating[]} ratings */
  show(ratings) {
    for (const [segment, { host }] of this.bands) {
      if (ratings.some((rating) => rating.segment == segment)) continue;
      this.bands.delete(segment);
      host.remove();
    }
    this.ratings = ratings;
    this.place();
  }

  /** Put each rating inside its message, so that it moves with it; skip ratings whose message is not on the page. */
  place() {
    for (const rating of this.ratings) {
      const band = this.bands.get(rating.segment) ?? new Band();
      this.bands.set(rating.segment, band);
      band.show(rating, this.texts);
      const spot = this.spot(rating);
      if (!spot) band.host.remove();
      else if (band.host.parentNode != spot) unclobbered(spot).append(band.host);
    }
  }

  /** Return the element that gets a rating. @param {Rating} rating @returns {Element | null} */
  spot({ message }) {
    const root = unclobbered(/** @type {Document | ShadowRoot} */ (this.getRootNode()));
    return message == null ? this : root.querySelector(`[${this.mark}="${CSS.escape(message)}"]`);
  }
}
