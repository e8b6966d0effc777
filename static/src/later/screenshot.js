// The screenshot of an answer: choose or draw it, preview, send and remove it. The answer itself never changes.
import texts from "screenshot";
import { adoptSheet, createElement } from "../dom.js";
import { isRefusal, readRecord, writeRecord } from "./core.js";
import { drawPreview, fitImage } from "./image.js";
import { canCapture, capturePage } from "./page-capture.js";
import { sheet } from "./screenshot.css";

/** @typedef {import("../rating.js").Rating} Rating */

const TIMEOUT_MS = 60_000;
const TOO_LARGE = 413;
const UNSUPPORTED_TYPE = 415;
const TOO_MANY_REQUESTS = 429;

/** Texts of errors after which another image, or the same one later, may succeed. */
/** @type {Record<number, string>} */
const REFUSAL_TEXTS = {
  [TOO_LARGE]: texts.too_large,
  [UNSUPPORTED_TYPE]: texts.no_picture,
  [TOO_MANY_REQUESTS]: texts.wait,
};

/**
 * @param {string} text
 * @param {() => void} onclick
 */
const createButton = (text, onclick) => createElement("button", { part: "done", className: "done", onclick }, text);

/**
 * @param {string} text
 * @param {() => void} onclick
 */
const createLink = (text, onclick) => createElement("button", { part: "link", className: "link", onclick }, text);

class Screenshot {
  hint = createElement("p", {}, texts.hint);
  preview = createElement("canvas", { role: "img", ariaLabel: texts.preview });
  status = createElement("p", { role: "status", part: "status", tabIndex: -1 });
  buttons = createElement("footer", {});
  input = createElement("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.takeFile() });

  /**
   * @param {Rating} rating
   * @param {HTMLElement} place the element of the offer
   * @param {string} src the address of the site's file
   * @param {boolean} canCapture whether this page can be drawn
   */
  constructor(rating, place, src, canCapture) {
    this.rating = rating;
    this.place = place;
    this.src = src;
    this.canCapture = canCapture;
  }

  hasFocus() {
    return this.place.contains(this.rating.root.activeElement);
  }

  /**
   * Show a text and these buttons. The focus stays inside.
   * @param {string} text
   * @param {...HTMLElement} buttons
   */
  show(text, ...buttons) {
    const hadFocus = this.hasFocus();
    this.status.textContent = text;
    this.buttons.replaceChildren(...buttons);
    if (hadFocus) (buttons[0] ?? this.status).focus();
  }

  begin() {
    const { hint, input, status, buttons, place, rating } = this;
    const hadFocus = this.hasFocus();
    place.className = "picture";
    place.replaceChildren(hint, input, status, buttons);
    if (readRecord(rating.name)?.picture) this.showSaved();
    else this.ask();
    if (hadFocus) /** @type {HTMLElement} */ (buttons.firstChild).focus();
  }

  /** Let the visitor choose a file or have the page drawn. */
  ask(text = "") {
    const buttons = [createButton(texts.choose, () => this.input.click())];
    if (this.canCapture) buttons.push(createLink(texts.draw, () => this.capture()));
    this.preview.remove();
    this.hint.hidden = false;
    this.show(text, ...buttons);
  }

  takeFile() {
    const file = this.input.files?.[0];
    // Clear the value so that the same file can be chosen again.
    this.input.value = "";
    if (file) this.showPreview(file);
  }

  async capture() {
    this.show(texts.drawing);
    const file = await capturePage(this.src);
    if (file) return this.showPreview(file);
    this.canCapture = false;
    this.ask(texts.undrawn);
  }

  /** @param {Blob} file */
  async showPreview(file) {
    const image = await fitImage(file).catch(() => {});
    if (!image) return this.ask(texts.no_picture);
    drawPreview(this.preview, image.bitmap);
    this.status.before(this.preview);
    this.hint.hidden = true;
    this.offerSending(image.blob);
  }

  /**
   * @param {Blob} blob
   * @param {string} [text]
   */
  offerSending(blob, text = "") {
    const send = createButton(texts.send, () => this.send(blob));
    this.show(
      text,
      send,
      createLink(texts.choose, () => this.input.click()),
    );
  }

  /**
   * Call the screenshot endpoint of the received answer.
   * @param {"PUT" | "DELETE"} method
   * @param {Blob} [body]
   * @returns {Promise<Response | void>} nothing when no response came
   */
  request(method, body) {
    const record = readRecord(this.rating.name);
    const base = this.src.replace(/\.js([?#].*)?$/, "");
    return fetch(`${base}/votes/${record?.receipt?.vote}/screenshot`, {
      method,
      body,
      headers: { authorization: `Bearer ${record?.answer?.id}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {});
  }

  /** @param {Blob} blob */
  async send(blob) {
    this.show(texts.sending);
    const response = await this.request("PUT", blob);
    const status = response?.status ?? 0;
    if (response?.ok) {
      this.remember(1);
      this.showSaved();
    } else if (status == TOO_LARGE || status == UNSUPPORTED_TYPE) this.ask(REFUSAL_TEXTS[status]);
    else if (isRefusal(response)) this.close();
    else this.offerSending(blob, REFUSAL_TEXTS[status] ?? texts.unsent);
  }

  showSaved(text = texts.saved) {
    this.hint.hidden = true;
    this.show(
      text,
      createLink(texts.remove, () => this.remove()),
    );
  }

  async remove() {
    this.show(texts.sending);
    const response = await this.request("DELETE");
    if (response?.ok) {
      this.remember(0);
      this.ask(texts.removed);
    } else if (isRefusal(response)) this.close();
    else this.showSaved(texts.unsent);
  }

  /** Show that the server accepts no more screenshots for this answer. */
  close() {
    this.preview.remove();
    this.show(texts.closed);
  }

  /**
   * Remember for the next page whether there is a screenshot.
   * @param {0 | 1} picture
   */
  remember(picture) {
    const { name } = this.rating;
    writeRecord(name, { ...readRecord(name), picture });
  }
}

/**
 * @param {Rating} rating
 * @param {HTMLElement} place
 * @param {string} src
 */
export default async (rating, place, src) => {
  adoptSheet(rating.root, sheet);
  new Screenshot(rating, place, src, await canCapture()).begin();
};
