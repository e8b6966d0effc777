// A picture beside an answer: chosen or drawn, looked at, sent, taken away. The answer itself is never touched.
import texts from "screenshot";
import { createElement } from "../dom.js";
import { readRecord, refuses, writeRecord } from "./core.js";
import { canDraw, draw } from "./draw.js";
import { fit, onto } from "./picture.js";
import { sheet } from "./screenshot.css";

/** What is said to a refusal that is not the last word: another picture may be taken, or this one later. */
const REFUSALS = { 413: texts.too_large, 415: texts.no_picture, 429: texts.wait };

const strong = (text, onclick) => createElement("button", { part: "done", className: "done", onclick }, text);
const link = (text, onclick) => createElement("button", { part: "link", className: "link", onclick }, text);

class Screenshot {
  hint = createElement("p", {}, texts.hint);
  canvas = createElement("canvas", { role: "img", ariaLabel: texts.preview });
  status = createElement("p", { role: "status", part: "status", tabIndex: -1 });
  row = createElement("footer", {});
  input = createElement("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.chosen() });

  /** @param {import("../rating.js").Rating} rating @param {HTMLElement} place where the offer stood
   * @param {string} src the address of the site's file @param {boolean} draws whether the page can be drawn */
  constructor(rating, place, src, draws) {
    this.rating = rating;
    this.place = place;
    this.src = src;
    this.draws = draws;
  }

  /** What the place holds now. The focus never falls out of it. @param {string} text @param {...HTMLElement} buttons */
  show(text, ...buttons) {
    const focused = this.place.contains(this.rating.root.activeElement);
    this.status.textContent = text;
    this.row.replaceChildren(...buttons);
    if (focused) (buttons[0] ?? this.status).focus();
  }

  begin() {
    const { hint, input, status, row, place, rating } = this;
    const focused = place.contains(rating.root.activeElement);
    place.className = "picture";
    place.replaceChildren(hint, input, status, row);
    if (/** @type {any} */ (readRecord(rating.name))?.picture) this.saved();
    else this.ask();
    if (focused) /** @type {any} */ (row.firstChild).focus();
  }

  ask(text = "") {
    const choose = strong(texts.choose, () => this.input.click());
    this.canvas.remove();
    this.hint.hidden = false;
    this.show(text, choose, ...(this.draws ? [link(texts.draw, () => this.paint())] : []));
  }

  chosen() {
    const file = this.input.files?.[0];
    // So that the same file can be chosen again.
    this.input.value = "";
    if (file) this.look(file);
  }

  async paint() {
    this.show(texts.drawing);
    const file = await draw(this.src);
    if (file) return this.look(file);
    this.draws = false;
    this.ask(texts.undrawn);
  }

  /** @param {Blob} file */
  async look(file) {
    const picture = await fit(file).catch(() => {});
    if (!picture) return this.ask(texts.no_picture);
    onto(this.canvas, picture.bitmap);
    this.status.before(this.canvas);
    this.hint.hidden = true;
    this.ready(picture.blob);
  }

  /** @param {Blob} blob @param {string} [text] */
  ready(blob, text = "") {
    this.show(text, strong(texts.send, () => this.send(blob)), link(texts.choose, () => this.input.click()));
  }

  /** @param {string} method @param {Blob} [body] @returns {Promise<Response | void>} */
  call(method, body) {
    const { answer, receipt } = /** @type {any} */ (readRecord(this.rating.name)) ?? {};
    return fetch(`${this.src.replace(/\.js.*/, "")}/votes/${receipt?.vote}/screenshot`, {
      method,
      body,
      headers: { authorization: `Bearer ${answer?.id}` },
      signal: AbortSignal.timeout(6e4),
    }).catch(() => {});
  }

  /** @param {Blob} blob */
  async send(blob) {
    this.show(texts.sending);
    const response = await this.call("PUT", blob);
    const text = REFUSALS[response?.status ?? 0];
    if (response?.ok) this.note(1), this.saved();
    else if (/41[35]/.test(String(response?.status))) this.ask(text);
    else if (refuses(response)) this.close();
    else this.ready(blob, text ?? texts.unsent);
  }

  saved(text = texts.saved) {
    this.hint.hidden = true;
    this.show(text, link(texts.remove, () => this.remove()));
  }

  async remove() {
    this.show(texts.sending);
    const response = await this.call("DELETE");
    if (response?.ok) this.note(0), this.ask(texts.removed);
    else if (refuses(response)) this.close();
    else this.saved(texts.unsent);
  }

  close() {
    this.canvas.remove();
    this.show(texts.closed);
  }

  /** @param {number} picture whether there is one, for when the page is loaded anew */
  note(picture) {
    const { name } = this.rating;
    writeRecord(name, { ...readRecord(name), picture });
  }
}

/** @param {import("../rating.js").Rating} rating @param {HTMLElement} place @param {string} src */
export default async (rating, place, src) => {
  const { root } = rating;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  new Screenshot(rating, place, src, await canDraw()).begin();
};
