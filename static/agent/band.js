// Shows one rating under its message, or why there is none.
import { safeDocument } from "../src/clobbering.js";
import { face } from "./faces.js";
import { sheet } from "./style.css";

/** @typedef {import("./types").Rating} Rating @typedef {import("./types").RatedSegment} RatedSegment */

const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat([], { day: "numeric", month: "short" });

/** Format a time, with its day if that is not today. @param {string} text */
export function when(text) {
  const at = new Date(text);
  return (at.toDateString() == new Date().toDateString() ? "" : `${day.format(at)}, `) + clock.format(at);
}

/** @param {string} name @param {string} part @param {...(string | Node)} content */
function make(name, part, ...content) {
  const node = safeDocument.createElement(name);
  if (part) node.setAttribute("part", part);
  node.append(...content);
  return node;
}

/** Return the text for a segment without an answer; none for an open one. @param {Rating} rating */
function statusText({ status, asked_at, reason }) {
  const askedAt = asked_at && `Asked ${when(asked_at)}`;
  /** @type {Partial<Record<Rating["status"], string>>} */
  const texts = {
    waiting: `${askedAt}, no answer yet`,
    dismissed: `${askedAt}, dismissed`,
    withdrawn: "Withdrawn: chat continued before an answer",
    expired: `${askedAt}, no answer in time`,
    removed: "Rating removed by the visitor",
    not_asked: `Not asked: ${reason}`,
  };
  return texts[status];
}

/** @param {RatedSegment} rating @returns {(string | Node)[]} */
function ratingLines({ answer, at, comment, reasons, answers, notes, excluded, was, recovered, history }) {
  const small = make("small", "small", [when(at), ...notes].join(" · "));
  const lines = [make("p", "", make("b", "word", answer.word), ...reasons.map((word) => ` · ${word}`), " ", small)];
  if (excluded)
    lines.push(make("p", "small", `Excluded by ${excluded.by}${excluded.reason ? `: ${excluded.reason}` : ""}`));
  if (comment) lines.push(make("p", "comment", comment));
  for (const { question, word } of answers) lines.push(make("p", "", make("small", "small", question), " ", word));
  if (was) {
    const entries = history.map((entry) => make("p", "small", `${entry.word} ${when(entry.at)}`));
    lines.push(
      make("details", "", make("summary", "small", `Was ${was}${recovered ? ", recovered" : ""}`), ...entries),
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

  /** @param {Rating} rating */
  show(rating) {
    const now = JSON.stringify(rating);
    if (now == this.shown) return;
    this.shown = now;
    const text = statusText(rating);
    const band = make("div", "band");
    const isOpen = this.root.querySelector("[open]");
    if (rating.status == "rated") {
      band.className = rating.answer.sentiment;
      band.append(face(rating.answer), make("div", "", ...ratingLines(rating)));
    } else if (text) band.append(make("div", "", make("p", "", text)));
    band.setAttribute("role", "group");
    band.setAttribute("aria-label", "Rating");
    this.root.replaceChildren(...(band.firstChild ? [band] : []));
    if (isOpen) this.root.querySelector("details")?.setAttribute("open", "");
  }
}
