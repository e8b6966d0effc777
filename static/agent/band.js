// Shows one rating under its message, or why there is none.
import { safeDocument } from "../src/clobbering.js";
import { face } from "./faces.js";
import { sheet } from "./style.css";

/**
 * @typedef {import("./types").Rating} Rating @typedef {import("./types").RatedSegment} RatedSegment
 * @typedef {import("./texts").Texts} Texts
 */

/** @param {string} name @param {string} part @param {...(string | Node)} content */
function make(name, part, ...content) {
  const node = safeDocument.createElement(name);
  if (part) node.setAttribute("part", part);
  node.append(...content);
  return node;
}

/**
 * Return the text for a segment without an answer; none for an open one.
 * @param {Rating} rating @param {Texts} texts
 */
function statusText({ status, asked_at, reason }, { say, when }) {
  const askedAt = asked_at && when(asked_at);
  if (status == "waiting") return say("Asked {}, no answer yet", askedAt);
  if (status == "dismissed") return say("Asked {}, dismissed", askedAt);
  if (status == "withdrawn") return say("Withdrawn: chat continued before an answer");
  if (status == "expired") return say("Asked {}, no answer in time", askedAt);
  if (status == "removed") return say("Rating removed by the visitor");
  if (status == "not_asked") return say("Not asked: {}", reason);
}

/** @param {RatedSegment} rating @param {Texts} texts @returns {(string | Node)[]} */
function ratingLines(rating, { say, when }) {
  const { answer, at, comment, reasons, answers, notes, excluded, was, recovered, history } = rating;
  const small = make("small", "small", [when(at), ...notes].join(" · "));
  const lines = [make("p", "", make("b", "word", answer.word), ...reasons.map((word) => ` · ${word}`), " ", small)];
  if (excluded)
    lines.push(
      make("p", "small", say("Excluded by {}", excluded.by) + (excluded.reason ? `: ${excluded.reason}` : "")),
    );
  if (comment) lines.push(make("p", "comment", comment));
  for (const { question, word } of answers) lines.push(make("p", "", make("small", "small", question), " ", word));
  if (was) {
    const entries = history.map((entry) => make("p", "small", `${entry.word} ${when(entry.at)}`));
    lines.push(
      make("details", "", make("summary", "small", say(recovered ? "Was {}, recovered" : "Was {}", was)), ...entries),
    );
  }
  return lines;
}

/** An element for a rating; `show` draws it again if it changed. */
export class Band {
  constructor() {
    this.host = safeDocument.createElement("tilfreds-band");
    this.root = this.host.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheet];
    this.shown = "";
  }

  /** @param {Rating} rating @param {Texts} texts */
  show(rating, texts) {
    const now = texts.language + JSON.stringify(rating);
    if (now == this.shown) return;
    this.shown = now;
    const text = statusText(rating, texts);
    const band = make("div", "band");
    const isOpen = this.root.querySelector("[open]");
    if (rating.status == "rated") {
      band.className = rating.answer.sentiment;
      band.append(face(rating.answer), make("div", "", ...ratingLines(rating, texts)));
    } else if (text) band.append(make("div", "", make("p", "", text)));
    band.setAttribute("role", "group");
    band.setAttribute("aria-label", texts.say("Rating"));
    this.root.replaceChildren(...(band.firstChild ? [band] : []));
    if (isOpen) this.root.querySelector("details")?.setAttribute("open", "");
  }
}
