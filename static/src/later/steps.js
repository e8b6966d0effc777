// What the card says and offers after a press, in one language.
import texts from "texts";
import { ANY, NEVER, TWO_DAYS_MS } from "../constants.js";
import { createElement } from "../dom.js";
import { instances, memory, post, readRecord, runPart, saveAnswer, storagePrefix, writeRecord } from "./core.js";
import { read } from "./reply.js";
import { sheet } from "./steps.css";

/** @typedef {import("../rating.js").Rating} Rating */

/** The card taken apart; `more` is the room below the status line. @param {Rating} rating
 * @returns {{row: any, status: any, more: any}} */
const open = (rating) => {
  const { root } = rating;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const row = root.querySelector("div");
  const status = /** @type {Element} */ (root.querySelector("output"));
  let more = root.querySelector("nav");
  if (!more) status.after((more = createElement("nav", { part: "more" })));
  // Only where a survey asks further: see steps/further.js.
  /** @type {any} */ (rating).further?.();
  return { row, status, more };
};

/** @param {Rating} rating @param {string} what @param {object} [detail] */
const fire = (rating, what, detail) =>
  rating.dispatchEvent(new CustomEvent(`tilfreds:${what}`, { bubbles: true, composed: true, detail }));

/** The language of the card. This part speaks it, or English where we have no words in it. @param {Rating} rating
 * @returns {string} */
const spoken = ({ root }) => /** @type {any} */ (root.firstChild).lang;

/** The words of the survey in the card's language. @param {Rating} rating */
const words = (rating) => rating.survey.texts[spoken(rating)];

/** Saves a change under the signature that stands on the tag now: that of the press may have ended.
 * @param {Rating} rating @param {object} change */
const alter = (rating, change) => saveAnswer(rating.name, { ...rating.proof, lang: spoken(rating), ...change });

/** "You answered Good." @param {Rating} rating @param {number} score */
const sentence = (rating, score) => {
  const [before, after] = texts.answered.split("{}");
  return [before, createElement("b", {}, words(rating).labels[score - (rating.survey.low ?? 1)]), after];
};

const link = (text, onclick) => createElement("button", { part: "link", className: "link", onclick }, text);

/** @param {Rating} rating */
const remover = (rating) =>
  link(texts.remove, () => alter(rating, { score: null, reasons: [], answers: {}, comment: null }));

/** @param {Rating} rating */
const offer = (rating) => {
  const { more } = open(rating);
  more.replaceChildren(rating.survey.comment == false ? remover(rating) : link(texts.word, () => ask(rating).focus()));
};

/** The comment saves when its box is left, when the page is left, and by Done; `known` is the one last received.
 * @param {Rating} rating */
const ask = (rating) => {
  const { more } = open(rating);
  const kept = () => readRecord(rating.name)?.answer.comment ?? "";
  // What was last received. It lies on the room, for the box may be gone when the receipt comes.
  more.known = kept();
  const box = createElement("textarea", { maxLength: 4000, value: kept() });
  const keep = () => {
    const comment = box.value.trim();
    if (box.isConnected && readRecord(rating.name) && comment != kept()) alter(rating, { comment: comment || null });
  };
  const done = () => {
    keep();
    removeEventListener("pagehide", keep);
    offer(rating);
  };
  box.onchange = keep;
  addEventListener("pagehide", keep);
  more.replaceChildren(
    createElement("label", {}, texts.label, box),
    createElement("footer", {}, remover(rating), createElement("button", { part: "done", className: "done", onclick: done }, texts.done)),
  );
  return box;
};

/** The way back to an answer that stands. @param {Rating} rating */
const answered = (rating) => {
  const { row, status, more } = open(rating);
  const { waits, answer } = readRecord(rating.name) ?? /** @type {any} */ ({});
  if (waits) return rating.paint(memory[rating.name] ? "open" : "kept");
  if (answer?.score == null) return;
  const change = () => {
    row.hidden = false;
    more.replaceChildren();
    status.textContent = "";
    row.querySelector("[aria-pressed=true]").focus();
  };
  row.hidden = true;
  status.replaceChildren(...sentence(rating, answer.score));
  more.replaceChildren(link(texts.change, change), remover(rating));
};

/** @param {Rating} rating @param {string} event @param {boolean} [lost] */
const saved = (rating, event, lost) => {
  const { receipt, answer } = readRecord(rating.name) ?? /** @type {any} */ ({});
  rating.paint();
  if (!receipt) return;
  const { score } = receipt;
  fire(rating, event, { score, comment: receipt.comment });
  // The card may have been put away meanwhile.
  if (!rating.root.firstChild) return;
  if (lost) return answered(rating);
  const { row, status, more } = open(rating);
  row.hidden = false;
  const box = more.querySelector("textarea");
  const comment = answer.comment ?? "";
  if (score == null) more.replaceChildren(), (status.textContent = texts.removed);
  else if ((more.known ?? comment) != comment) {
    more.known = comment;
    status.textContent = texts.comment_saved;
  } else box || offer(rating), status.replaceChildren(createElement("b", {}, texts.saved), " ", words(rating)[score] ?? words(rating).thanks ?? texts.thanks);
};

/** @param {Rating} rating @param {string} code */
const refused = (rating, code) => {
  const { row, status, more } = open(rating);
  const stands = readRecord(rating.name)?.receipt?.score;
  const focused = rating.root.activeElement;
  rating.paint();
  more.replaceChildren();
  // After these another press may help; the others close the question.
  row.hidden = !/conflict|invalid|too_large|signature_expired/.test(code);
  status.replaceChildren(texts[code] ?? texts.invalid);
  if (stands != null) status.append(" ", ...sentence(rating, stands));
  // Focus must not be lost with the button that had it.
  status.tabIndex = -1;
  if (focused) status.focus();
};

/** @param {Rating} rating @param {object} thing */
const dismissed = (rating, thing) => {
  if (!readRecord(rating.name)) {
    writeRecord(rating.name, { off: 1, until: Date.now() + TWO_DAYS_MS, answer: {} });
    writeRecord(ANY, { until: NEVER });
    post("dismissed", thing);
  }
  fire(rating, "dismissed");
};

/** @param {import("../store.js").StoredRecord} sent @param {Promise<Response | void>} response @param {string} name
 * @param {number} tries */
const replied = async (sent, response, name, tries) => {
  const news = await read(name, sent, await response, tries);
  for (const rating of instances)
    if (news && rating.name == name)
      if (news.state != "refused") saved(rating, news.state, news.lost);
      else if (rating.root.firstChild) refused(rating, news.code ?? "");
  return true;
};

// @ts-ignore: not every browser knows it
if (navigator.globalPrivacyControl) runPart?.("quiet");

// Another tab has answered: show what stands.
addEventListener("storage", ({ key }) => {
  for (const rating of instances)
    if (key == storagePrefix + rating.name && rating.root.firstChild && !rating.root.querySelector("textarea")) {
      rating.paint();
      answered(rating);
    }
});

/** @param {"answered" | "dismissed" | "replied"} step @param {...any} given */
export default (step, ...given) => /** @type {any} */ ({ answered, dismissed, replied })[step](...given);
