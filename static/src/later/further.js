// What a survey asks after the first tap, in one language: one step at a time, each saved under the same vote.
import texts from "further";
import { createElement } from "../dom.js";
import { control } from "./controls.js";
import { readRecord, saveAnswer } from "./core.js";
import { sheet } from "./further.css";

/**
 * The steps of one rating while they are asked: those that follow its answer, and the one that is shown.
 * @typedef {{rating: any, name: string, score: number, steps: any[], at: number, box: any, given?: any, next?: any,
 *   timer?: any}} Run
 */

/** @type {Map<any, Run>} */
const runs = new Map();
const PAUSE = 1000;

/** @param {Run} run */
const close = (run) => {
  clearTimeout(run.timer);
  runs.delete(run.rating);
  const { root } = run.rating;
  const status = root.querySelector("output");
  // Focus must not be lost with the button that had it.
  if (status && run.box.contains(root.activeElement)) {
    status.tabIndex = -1;
    status.focus();
  }
  run.box.remove();
};

/** The full answer with what is given to this step now. @param {Run} run
 * @param {Record<string, any>} kept @param {string} outcome */
const changed = ({ steps, at, given }, { answers, steps: told }, outcome) => {
  const { id, kind } = steps[at];
  const value = given.value();
  const change = { steps: { ...told, [id]: outcome } };
  if (kind == "reasons") return { ...change, reasons: value ?? [] };
  if (kind == "comment") return { ...change, comment: value ?? null };
  const { [id]: before, ...others } = answers ?? {};
  return { ...change, answers: value == null ? others : { ...others, [id]: value } };
};

/** Saves what was given so far and what became of the step; nothing when that is known already.
 * @param {Run} run @param {"shown" | "skipped"} left what it is when nothing was given */
const keep = (run, left) => {
  clearTimeout(run.timer);
  const { rating, score, name } = run;
  const kept = readRecord(name);
  // Another answer has taken its place, perhaps in another tab: these questions are not for it.
  if (kept?.answer.score != score) return close(run);
  const step = run.steps[run.at];
  const outcome = run.given.value() != null || run.given.pressed ? "answered" : left;
  const change = changed(run, kept.answer, outcome);
  const before = changed({ ...run, given: { value: () => run.given.kept } }, kept.answer, kept.answer.steps?.[step.id]);
  if (JSON.stringify(change) == JSON.stringify(before)) return;
  run.given.kept = run.given.value();
  saveAnswer(name, { ...rating.proof, lang: rating.root.firstChild?.lang ?? kept.answer.lang, ...change });
};

/** @param {Run} run */
const advance = (run) => {
  keep(run, "skipped");
  if (!runs.has(run.rating)) return;
  run.at++;
  draw(run);
};

/** "Skip", in small, until something was given. @param {Run} run */
const label = ({ given, next, steps, at }) => {
  const has = given.value() != null || given.pressed;
  next.className = has ? "done" : "link";
  next.textContent = !has ? texts.skip : steps[at + 1] ? texts.next : texts.done;
};

/** @param {Run} run */
const draw = (run) => {
  const { rating, steps, at, box } = run;
  const { root, survey } = rating;
  if (!steps[at]) return close(run);
  const step = steps[at];
  const words = survey.texts[root.firstChild.lang].steps?.[step.id] ?? {};
  const ask = words.ask ?? { comment: texts.label, callback: texts.callback }[step.kind];
  const held = box.contains(root.activeElement);
  const touched = () => {
    label(run);
    clearTimeout(run.timer);
    run.timer = setTimeout(keep, PAUSE, run, "shown");
  };
  run.given = control({ step, words, ask, texts, rating, answer: readRecord(run.name)?.answer ?? {}, touched });
  run.given.kept = run.given.value();
  run.next = createElement("button", { part: "next" });
  const [before, between, after] = texts.step.split("{}");
  const place = steps[1] ? before + (at + 1) + between + steps.length + after : "";
  box.ariaLabel = ask ?? run.given.node.textContent;
  box.replaceChildren(
    ...(ask && !run.given.named ? [createElement("p", { part: "ask", textContent: ask })] : []),
    run.given.node,
    createElement("footer", {}, createElement("small", { textContent: place }), run.next),
  );
  label(run);
  // Where the visitor is already, the next question is read out; from elsewhere focus is never taken.
  if (held) box.focus();
};

/** @param {any} rating @param {import("../store.js").Answer} answer */
const begin = (rating, answer) => {
  const { root, survey, name } = rating;
  // Not every receipt has a link: none leads from another browser's answer.
  const steps = survey.steps.filter(({ kind, scores }) => scores.includes(answer.score) && (rating.link || kind != "survey"));
  const at = steps.findIndex(({ id }) => !/answered|skipped/.test(answer.steps?.[id]));
  if (at < 0) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const box = createElement("form", { part: "further", tabIndex: -1, noValidate: true });
  const run = { rating, name, score: /** @type {number} */ (answer.score), steps, at, box };
  box.onsubmit = (event) => {
    event.preventDefault();
    advance(run);
  };
  // A refusal makes the status line focusable and hides the steps (further.css); now an answer stands again.
  const status = root.querySelector("output");
  status.removeAttribute("tabindex");
  status.after(box);
  runs.set(rating, run);
  draw(run);
};

const leave = () => {
  for (const run of runs.values()) keep(run, "shown");
};
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());

/** Asks what follows the answer that stands. Runs at each receipt, and goes on where it is while the answer is the same.
 * @param {any} rating */
export default (rating) => {
  const { answer, receipt } = readRecord(rating.name) ?? /** @type {any} */ ({});
  const run = runs.get(rating);
  rating.link = receipt?.survey;
  // What stands was received, was given in this browser, and under the words that are shown here.
  const score = receipt?.score;
  const fits = score != null && answer.id && answer.score == score && answer.revision == rating.survey.revision;
  if (run && fits && run.score == score && run.name == rating.name && run.box.isConnected) return;
  if (run) close(run);
  if (fits && rating.root.firstChild) begin(rating, answer);
};
