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
/** @typedef {"shown" | "skipped" | "answered"} Outcome */
/**
 * The run of a rating's follow-up questions: those that follow its answer, and the index of the current one.
 * @typedef {{rating: Rating, name: string, score: number, questions: Question[], index: number, form: HTMLFormElement,
 *   step?: Step, saveTimer?: ReturnType<typeof setTimeout>}} Run
 *
 * The current question: its control, the value last saved, and the button for the next question.
 * @typedef {{control: Control, savedValue: any, next: HTMLButtonElement}} Step
 */

/** The margin, padding and border of the form. */
const FRAME_HEIGHT_PX = 25;
/** The pause between the last change and saving. */
const SAVE_DELAY_MS = 1000;
/** The outcomes of finished questions; others are shown again. */
const FINISHED = /answered|skipped/;

/** @type {Map<Rating, Run>} */
const runs = new Map();

/** @param {Rating} rating */
const findLanguage = ({ root }) => /** @type {HTMLElement | null} */ (root.firstChild)?.lang;

/** Move the focus from the form to the status line, before the form is removed. @param {Run} run */
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
 * Return the fields of an answer when a question has this value.
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
 * Save the current value and outcome of the question, unless both are saved already.
 * @param {Run} run
 * @param {Outcome} otherwise the outcome without a value
 */
const save = (run, otherwise) => {
  clearTimeout(run.saveTimer);
  const { rating, score, name, questions, index, step } = run;
  const answer = readRecord(name)?.answer;
  // Another answer has replaced it, perhaps in another tab, and these questions do not belong to that one.
  if (!answer || answer.score != score) {
    close(run);
    return;
  }
  if (!step) return;
  const question = questions[index];
  const value = step.control.readValue();
  const outcome = isAnswered(step.control) ? "answered" : otherwise;
  const change = describeChange(question, value, answer, outcome);
  const savedFields = describeChange(question, step.savedValue, answer, answer.outcomes?.[question.id]);
  if (JSON.stringify(change) == JSON.stringify(savedFields)) return;
  step.savedValue = value;
  saveAnswer(name, { ...rating.proof, lang: findLanguage(rating) ?? answer.lang, ...change });
};

/** Advance to the next question. @param {Run} run */
const advance = (run) => {
  save(run, "skipped");
  if (!runs.has(run.rating)) return;
  run.index++;
  showQuestion(run);
};

/** Label the button: "Skip" as a link until there is a value. @param {Run} run @param {Step} step */
const labelNext = ({ questions, index }, { control, next }) => {
  const hasAnswer = isAnswered(control);
  const isLast = !questions[index + 1];
  const label = isLast ? texts.done : texts.next;
  next.className = hasAnswer ? "done" : "link";
  next.textContent = hasAnswer ? label : texts.skip;
};

/** Return "Question 2 of 3", or nothing where there is one question. @param {Run} run */
const describeProgress = ({ questions, index }) => {
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
  const questionTexts = survey.texts[lang].questions?.[question.id] ?? {};
  /** @type {string | undefined} */
  const ask = questionTexts.ask ?? { comment: texts.label, callback: texts.callback }[question.kind];
  const hadFocus = form.contains(root.activeElement);
  const onChange = () => {
    labelNext(run, step);
    clearTimeout(run.saveTimer);
    run.saveTimer = setTimeout(save, SAVE_DELAY_MS, run, "shown");
  };
  const answer = readRecord(run.name)?.answer ?? {};
  const control = createControl({ question, questionTexts, ask, texts, rating, answer, onChange });
  const next = createElement("button", { part: "next" });
  const step = { control, savedValue: control.readValue(), next };
  run.step = step;
  form.ariaLabel = ask ?? control.node.textContent;
  const heading = ask && !control.hasQuestion ? [createElement("p", { part: "ask", textContent: ask })] : [];
  const progress = createElement("small", { textContent: describeProgress(run) });
  form.replaceChildren(...heading, control.node, createElement("footer", {}, progress, next));
  labelNext(run, step);
  // Focus inside the form makes screen readers announce the next question; focus elsewhere is never taken.
  if (hadFocus) form.focus();
};

/**
 * Return the questions that follow an answer.
 * @param {Rating} rating
 * @param {number} score
 */
const findQuestions = ({ survey, link }, score) =>
  // A receipt has no link to the survey page where the answer came from another browser.
  (survey.questions ?? []).filter(({ kind, scores }) => scores.includes(score) && (link || kind != "survey"));

/**
 * Begin with the first unfinished question.
 * @param {Rating} rating
 * @param {Answer} answer
 * @param {number} score
 */
const begin = (rating, answer, score) => {
  const { root, name } = rating;
  const questions = findQuestions(rating, score);
  const index = questions.findIndex(({ id }) => !FINISHED.test(answer.outcomes?.[id]));
  if (index < 0) return;
  adoptSheet(root, sheet);
  const form = createElement("form", { part: "further", tabIndex: -1, noValidate: true });
  /** @type {Run} */
  const run = { rating, name, score, questions, index, form };
  form.onsubmit = (event) => {
    event.preventDefault();
    advance(run);
  };
  // An error makes the status line focusable, which hides the questions (further.css); now an answer is saved again.
  const status = /** @type {HTMLElement} */ (root.querySelector("output"));
  status.removeAttribute("tabindex");
  // The press has made room: see questions/further.js.
  const room = parseFloat(status.style.marginBottom);
  status.style.marginBottom = "";
  form.style.minHeight = `${(room || FRAME_HEIGHT_PX) - FRAME_HEIGHT_PX}px`;
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
 * Ask the questions that follow the saved answer. Runs at each receipt, and continues while the answer is the same.
 * @param {Rating} rating
 */
export default (rating) => {
  const record = readRecord(rating.name);
  const run = runs.get(rating);
  rating.link = record?.receipt?.survey;
  const score = record?.receipt?.score;
  const answer = record?.answer;
  // The answer was received, comes from this browser, and belongs to the revision that is shown here.
  const isOwn = answer?.id && answer.score == score && answer.revision == rating.survey.revision;
  const canAsk = score != null && isOwn;
  const isSame = run && run.score == score && run.name == rating.name && run.form.isConnected;
  if (canAsk && isSame) {
    run.form.hidden = false;
    return;
  }
  if (run) close(run);
  if (canAsk && rating.root.firstChild) begin(rating, answer, score);
  // Without a question the card needs no room for one.
  const status = rating.root.querySelector("output");
  if (status && !runs.has(rating)) status.style.marginBottom = "";
};
