// The page /embed/transcript: the element in a separate page, its ratings by segment, newest first.
import { safeDocument } from "../src/clobbering.js";
import { translate } from "../console/texts.js";
import { Ratings } from "./ratings.js";

/** @typedef {import("./types").Rating} Rating @typedef {import("../console/sse.js").ServerEvent} ServerEvent */

/** @param {string} name @returns {HTMLElement} */
const find = (name) => /** @type {HTMLElement} */ (safeDocument.querySelector(`[data-${name}]`));
const NOTES = {
  loading: translate("Loading…"),
  unopened: translate("This frame was opened without a conversation. Add #conversation=…&token=… to its address."),
  missing: translate("This conversation does not exist, or you may not see it."),
  expired: translate("Your access has expired. Open the conversation again."),
  empty: translate("No messages yet."),
  shown: "",
};
const AUTHORS = {
  visitor: translate("Visitor"),
  agent: translate("Agent"),
  bot: translate("Bot"),
  system: translate("System"),
};

/** @type {Partial<Record<Rating["status"], string>>} */
const STATUSES = { open: translate("Open. No survey yet."), undecided: translate("Ended. No survey yet.") };

class Transcript extends Ratings {
  /** @type {Map<string, HTMLElement>} */
  items = new Map();
  status = 0;

  /** This page does not move messages, so it needs no observer. */
  look() {}

  /** @param {string | URL} address @param {AbortSignal} signal @param {object} [headers] */
  async get(address, signal, headers) {
    this.status = 0;
    const answer = await super.get(address, signal, headers);
    this.status = answer.status;
    return answer;
  }

  /** @param {AbortSignal} life */
  async read(life) {
    const isKnown = await super.read(life);
    if (life.aborted) return isKnown;
    if (isKnown) note(this.ratings.length ? "shown" : "empty");
    else if (this.status == 404) note("missing");
    else say("away");
    if (this.status == 404) say("");
    return isKnown;
  }

  /** @param {AbortSignal} life */
  async listen(life) {
    const came = await super.listen(life);
    if (!life.aborted) say("looking");
    return came;
  }

  /** @param {ServerEvent} message @param {AbortSignal} life @param {AbortController} line */
  hear(message, life, line) {
    if (message.event == "hello") say("live");
    super.hear(message, life, line);
  }

  expire() {
    super.expire();
    say("");
    note("expired");
    // Only pages that the site allows can frame this one, and the message does not name the conversation.
    if (parent != self) parent.postMessage({ tilfreds: "expired" }, "*");
  }

  /** @param {Rating[]} ratings */
  show(ratings) {
    const before = this.ratings;
    super.show(ratings);
    for (const [segment, item] of this.items) {
      if (ratings.some((rating) => rating.segment == segment)) continue;
      this.items.delete(segment);
      item.remove();
    }
    const words = new Map(before.map((rating) => [rating.segment, rating.answer?.word]));
    const fresh = before.length
      ? ratings.find(({ segment, answer }) => answer && answer.word != words.get(segment))
      : null;
    if (fresh?.answer) find("spoken").textContent = translate("Rating: %(value)s", fresh.answer.word);
  }

  /** @param {Rating} rating */
  spot({ segment, excerpt, status }) {
    let item = this.items.get(segment);
    if (!item) {
      item = safeDocument.createElement("li");
      item.append(make("p", "about"), make("p", "rest"));
      this.items.set(segment, item);
      find("segments").prepend(item);
    }
    const [about, rest] = item.children;
    about.replaceChildren(
      ...(excerpt
        ? [`${excerpt.name ?? AUTHORS[excerpt.author]}, ${this.texts.when(excerpt.at)}: `, make("q", "", excerpt.text)]
        : [translate("No message")]),
    );
    rest.textContent = STATUSES[status] ?? "";
    return item;
  }
}

/** @param {string} name @param {string} kind @param {string} [text] */
function make(name, kind, text = "") {
  const node = safeDocument.createElement(name);
  if (kind) node.className = kind;
  node.textContent = text;
  return node;
}

/** @param {keyof typeof NOTES} state */
function note(state) {
  const place = find("note");
  if (place.dataset.state == state) return;
  place.dataset.state = state;
  place.textContent = NOTES[state];
}

/** Show whether the page receives live updates. @param {"live" | "looking" | "away" | ""} state */
function say(state) {
  const sign = find("live");
  if (sign.dataset.state == state) return;
  sign.dataset.state = state;
  const since = ratings.texts.when(new Date().toISOString());
  const words = {
    live: translate("Live"),
    looking: translate("Not live since %(value)s. Reconnecting.", since),
    away: translate("Offline since %(value)s. Reconnecting.", since),
    "": "",
  };
  sign.textContent = words[state];
}

/** Take the values after the `#`, and remove them from the address: no server and no history receives them. */
function open() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  if (!location.hash) return;
  history.replaceState(null, "", location.pathname);
  const scheme = parameters.get("scheme");
  if (scheme == "light" || scheme == "dark")
    safeDocument.documentElement.style.setProperty("--tilfreds-scheme", scheme);
  for (const name of ["conversation", "token"])
    if (parameters.has(name)) ratings.setAttribute(name, parameters.get(name) ?? "");
  if (parameters.has("token")) note("loading");
}

customElements.define("tilfreds-transcript", Transcript);
const ratings = /** @type {Transcript} */ (safeDocument.querySelector("tilfreds-transcript"));
addEventListener("hashchange", open);
open();
if (!ratings.getAttribute("conversation") || !ratings.getAttribute("token")) note("unopened");
