// The follow-up questions of a survey, in one language: one at a time, each saved under the same vote.
import { safeDocument } from "../clobbering.js";
import texts from "further";
import { adoptSheet, createElement } from "../dom.js";
import { readRecord, saveAnswer } from "./core.js";
import { sheet } from "./further.css";
import { createControl } from "./question-controls.js";

/** @typedef {import("../settings.js").Question} Question */
/** @typedef {import("../questions/further.js").FurtherRating} Rating */
/** @typedef {import("../store.js").Answer} Answer */
/** @typedef {import("./question-controls.js").Control} Control */
/** @typedef {"shown" | "skipped" | "answered"} Outcome what became of a question */
/**
 * The questions of one rating while they are asked: those that follow its answer, and the index of the one that is
 * shown.
 * @typedef {{rating: Rating, name: string, score: number, questions: Question[], index: number, form: HTMLFormElement,
 *   shown?: Shown, saveTimer?: ReturnType<typeof setTimeout>}} Run
 *
 * The question that is shown: what it is answered with, what was last saved of that, and the button that goes on.
 * @typedef {{control: Control, savedValue: any, next: HTMLButtonElement}} Shown
 */

/** So long after the last change it is saved. */
const SAVE_DELAY_MS = 1000;
/** Questions that are over; others are shown again. */
const IS_OVER = /answered|skipped/;

/** @type {Map<Rating, Run>} */
const runs = new Map();

/** @param {Rating} rating */
const findLanguage = ({ root }) => /** @type {HTMLElement | null} */ (root.firstChild)?.lang;

/** Focus must not be lost with what had it, so the status line takes it. @param {Run} run */
const keepFocus = ({ rating, form }) => {
  const { root } = rating;
  const status = root.querySelector("output");
  if (!status || !form.contains(root.activeElement)) return;
  status.tabIndex = -1;
  status.focus();
};

/** @param {Run} run */
const close = (run) => {
  clearTimeout(run.saveTimer);
  runs.delete(run.rating);
  keepFocus(run);
  run.form.remove();
};

/**
 * Return what is saved of an answer when a question has this value.
 * @param {Question} question
 * @param {any} value
 * @param {Partial<Answer>} answer
 * @param {Outcome | undefined} outcome
 */
const describeChange = ({ id, kind }, value, answer, outcome) => {
  const outcomes = { ...answer.outcomes, [id]: outcome };
  if (kind == "reasons") return { outcomes, reasons: value ?? [] };
  if (kind == "comment") return { outcomes, comment: value ?? null };
  const answers = { ...answer.answers, [id]: value };
  if (value == null) delete answers[id];
  return { outcomes, answers };
};

/** @param {Control} control */
const isAnswered = (control) => control.readValue() != null || Boolean(control.isPressed);

/**
 * Save what was given so far and what became of the question, unless both are known already.
 * @param {Run} run
 * @param {Outcome} otherwise what became of it when nothing was given
 */
const save = (run, otherwise) => {
  clearTimeout(run.saveTimer);
  const { rating, score, name, questions, index, shown } = run;
  const answer = readRecord(name)?.answer;
  // Another answer has taken its place, perhaps in another tab: these questions are not for it.
  if (!answer || answer.score != score) {
    close(run);
    return;
  }
  if (!shown) return;
  const question = questions[index];
  const value = shown.control.readValue();
  const outcome = isAnswered(shown.control) ? "answered" : otherwise;
  const change = describeChange(question, value, answer, outcome);
  const saved = describeChange(question, shown.savedValue, answer, answer.outcomes?.[question.id]);
  if (JSON.stringify(change) == JSON.stringify(saved)) return;
  shown.savedValue = value;
  saveAnswer(name, { ...rating.proof, lang: findLanguage(rating) ?? answer.lang, ...change });
};

/** Go on to the next question. @param {Run} run */
const advance = (run) => {
  save(run, "skipped");
  if (!runs.has(run.rating)) return;
  run.index++;
  showQuestion(run);
};

/** Show "Skip" as a link until something was given. @param {Run} run @param {Shown} shown */
const labelNext = ({ questions, index }, { control, next }) => {
  const isGiven = isAnswered(control);
  const isLast = !questions[index + 1];
  const goOn = isLast ? texts.done : texts.next;
  next.className = isGiven ? "done" : "link";
  next.textContent = isGiven ? goOn : texts.skip;
};

/** Return "2 of 3", or nothing where there is one question. @param {Run} run */
const describePlace = ({ questions, index }) => {
  if (questions.length < 2) return "";
  const [before, between, after] = texts.progress.split("{}");
  return before + (index + 1) + between + questions.length + after;
};

/** @param {Run} run */
const showQuestion = (run) => {
  const { rating, questions, index, form } = run;
  const { root, survey } = rating;
  const question = questions[index];
  if (!question) {
    close(run);
    return;
  }
  const lang = /** @type {string} */ (findLanguage(rating));
  const words = survey.texts[lang].questions?.[question.id] ?? {};
  /** @type {string | undefined} */
  const ask = words.ask ?? { comment: texts.label, callback: texts.callback }[question.kind];
  const hadFocus = form.contains(root.activeElement);
  const onChange = () => {
    labelNext(run, shown);
    clearTimeout(run.saveTimer);
    run.saveTimer = setTimeout(save, SAVE_DELAY_MS, run, "shown");
  };
  const answer = readRecord(run.name)?.answer ?? {};
  const control = createControl({ question, words, ask, texts, rating, answer, onChange });
  const next = createElement("button", { part: "next" });
  const shown = { control, savedValue: control.readValue(), next };
  run.shown = shown;
  form.ariaLabel = ask ?? control.node.textContent;
  const heading = ask && !control.hasQuestion ? [createElement("p", { part: "ask", textContent: ask })] : [];
  const place = createElement("small", { textContent: describePlace(run) });
  form.replaceChildren(...heading, control.node, createElement("footer", {}, place, next));
  labelNext(run, shown);
  // Where the visitor is already, the next question is read out; from elsewhere focus is never taken.
  if (hadFocus) form.focus();
};

/**
 * Return the questions that follow an answer.
 * @param {Rating} rating
 * @param {number} score
 */
const findQuestions = ({ survey, link }, score) =>
  // A receipt has no link to the longer survey where the answer was given in another browser.
  (survey.questions ?? []).filter(({ kind, scores }) => scores.includes(score) && (link || kind != "survey"));

/**
 * Begin with the first question that is not over.
 * @param {Rating} rating
 * @param {Answer} answer
 * @param {number} score
 */
const begin = (rating, answer, score) => {
  const { root, name } = rating;
  const questions = findQuestions(rating, score);
  const index = questions.findIndex(({ id }) => !IS_OVER.test(answer.outcomes?.[id]));
  if (index < 0) return;
  adoptSheet(root, sheet);
  const form = createElement("form", { part: "further", tabIndex: -1, noValidate: true });
  /** @type {Run} */
  const run = { rating, name, score, questions, index, form };
  form.onsubmit = (event) => {
    event.preventDefault();
    advance(run);
  };
  // A refusal makes the status line focusable and hides the questions (further.css); now an answer is saved again.
  const status = /** @type {HTMLElement} */ (root.querySelector("output"));
  status.removeAttribute("tabindex");
  status.after(form);
  runs.set(rating, run);
  showQuestion(run);
};

const saveAll = () => {
  for (const run of runs.values()) save(run, "shown");
};
addEventListener("pagehide", saveAll);
safeDocument.addEventListener("visibilitychange", () => {
  if (safeDocument.hidden) saveAll();
});

/**
 * Ask what follows the answer that is saved. Runs at each receipt, and goes on where it is while the answer is the
 * same.
 * @param {Rating} rating
 */
export default (rating) => {
  const record = readRecord(rating.name);
  const run = runs.get(rating);
  rating.link = record?.receipt?.survey;
  const score = record?.receipt?.score;
  const answer = record?.answer;
  // It was received, was given in this browser, and under the words that are shown here.
  const isOurs = answer?.id && answer.score == score && answer.revision == rating.survey.revision;
  const canAsk = score != null && isOurs;
  const isSame = run && run.score == score && run.name == rating.name && run.form.isConnected;
  if (canAsk && isSame) return;
  if (run) close(run);
  if (canAsk && rating.root.firstChild) begin(rating, answer, score);
};
