import { faces } from "./faces.js";
import { live } from "./live.js";
import { save } from "./queue.js";
import { load, post } from "./server.js";
import { settings } from "./settings.js";
import { draw, make } from "./make.js";
import { recall } from "./store.js";
import { sheet } from "./style.css";

/** The whole tag, else its parent that there are texts in. @param {string} tag @param {object} texts @returns {string} */
const nearest = (tag, texts) => (texts[tag] ? tag : tag && nearest(tag.replace(/.[^-_]*$/, ""), texts));

/**
 * A rating once it stands in the page: its name in the store, what it asks, and how it shows what is kept. `state` is
 * one of the texts in the file: saving, kept, open. `proof` says who presses: signatures end, so whoever saves takes the
 * one that stands on the tag then. Without `expires` it holds NaN, which is sent as null.
 * @typedef {Rating & {name: string, survey: import("./settings.js").Survey, proof?: object,
 *   paint: (state?: string) => void}} Drawn
 */

/** What was seen on this page: pages that draw their contents anew, or come back to an address, count it once. @type {Record<string, any>} */
const counted = {};

export class Rating extends HTMLElement {
  root = this.attachShadow({ mode: "open" });

  connectedCallback() {
    live.add(this);
    this.root.adoptedStyleSheets = [sheet];
    // What stood in the page before the file came is drawn by a task of its own: on a slow machine reading the file and drawing
    // in one go hold the page up.
    /** @type {any} */ (Rating).core ? this.update() : setTimeout(() => this.update());
  }

  disconnectedCallback() {
    live.delete(this);
  }

  /** Draws anew when the attributes name another thing. */
  update() {
    const { token, kind = token ? "conversation" : "article", subject = location.pathname, visitor, signature, expires, look } = Object.fromEntries([...this.attributes].map((one) => [one.name, one.value]));
    const chat = kind == "conversation";
    const name = chat ? token : [kind, subject, visitor] + "";
    this.proof = { visitor, signature, expires: +expires };
    if (this.name == (this.name = name)) return;
    const survey = settings.surveys[chat ? "chat_end" : "article"];
    if (!survey) return load("page", kind);
    this.survey = survey;
    const lang = nearest(/** @type {any} */ (this.closest("[lang]"))?.lang, survey.texts) || nearest(navigator.language, survey.texts) || settings.lang;
    const texts = settings.texts[lang];
    const { question, labels } = survey.texts[lang], { low = 1 } = survey;
    const shown = (!survey.dressed && look) || survey.look;
    const thing = chat ? { token } : { subject, kind };
    const choices = labels.map((label, at) => make("button", { part: "choice", onclick: () =>
      recall(name)?.answer.score == at + low || (this.update(),
        save(name, { ...thing, ...this.proof, revision: survey.revision, lang, score: at + low, reasons: undefined, answers: {}, steps: {} })),
    }, shown == "faces" ? draw(faces[at]) : "", label));
    const status = make("output", { part: "status" });
    const card = make("section", { part: "card", dir: texts.dir || "ltr", lang },
      make("button", { part: "close", ariaLabel: texts.close, onclick: () => {
        card.remove(), load(lang, "dismissed", this, thing);
      } }, "×"),
      make("p", { part: "question" }, question),
      make("div", { role: "group", ariaLabel: question, className: shown }, ...choices.toReversed()),
      status);
    this.paint = (state) => {
      choices.map((choice, at) => (choice.ariaPressed = recall(name)?.answer.score == at + low));
      status.textContent = texts[state];
    };
    settings.dress?.(/** @type {any} */ (this), choices, lang), this.root.replaceChildren();
    const kept = recall(name);
    if (kept ? kept.off : !chat && Math.random() >= settings.share) return;
    this.root.replaceChildren(card), this.paint();
    if (kept) load(lang, "answered", this);
    else new IntersectionObserver(([one]) => one.isIntersecting && (counted[name] ||= (
      post("seen", thing), this.dispatchEvent(new Event("tilfreds:shown", { bubbles: true, composed: true }))
    ))).observe(card);
  }
}
