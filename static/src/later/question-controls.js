// What each kind of further question is answered with.
import { createElement } from "../dom.js";
import { findMeaning } from "../scale-ends.js";

/** @typedef {import("../settings.js").Step} Step */
/** @typedef {import("../settings.js").StepWords} StepWords */
/**
 * A question that is asked, and what is kept of its answer.
 * @typedef {{step: Step, words: StepWords, ask?: string, texts: Record<string, string>,
 *   rating: import("../steps/further.js").FurtherRating, answer: Partial<import("../store.js").Answer>,
 *   onChange: () => void}} Question
 *
 * What it is answered with. `readValue` returns what was given, or undefined; `hasQuestion` says that the node holds
 * the question's text; `isPressed` where there is no value but a press.
 * @typedef {{node: HTMLElement, readValue: () => any, hasQuestion?: boolean, isPressed?: boolean}} Control
 *
 * @typedef {{value: string | number, label: string}} Choice
 */

/** What the server accepts, in characters. */
const MAX_TEXT_LENGTH = 300;
const MAX_COMMENT_LENGTH = 4000;
const MAX_CALLBACK_LENGTH = 100;

/**
 * Return buttons of which one, or with `isMultiple` several, are pressed; a second press takes it back.
 * @param {Question} question
 * @param {Choice[]} choices
 * @param {(string | number)[]} initial the values that are chosen already
 * @param {{isMultiple?: boolean, ends?: string[]}} [options]
 */
const createChips = ({ ask, onChange }, choices, initial, { isMultiple = false, ends } = {}) => {
  let chosen = initial;
  const toggle = (/** @type {string | number} */ value) => {
    const wasChosen = chosen.includes(value);
    const others = isMultiple ? chosen.filter((other) => other != value) : [];
    chosen = wasChosen ? others : [...others, value];
    showChosen();
    onChange();
  };
  const buttons = choices.map(({ value, label }, index) => {
    const meaning = findMeaning(ends, index, choices.length);
    return createElement("button", {
      type: "button",
      part: "chip",
      textContent: label,
      ariaLabel: meaning ? `${label}: ${meaning}` : null,
      onclick: () => toggle(value),
    });
  });
  const showChosen = () =>
    buttons.forEach((button, index) => {
      button.ariaPressed = String(chosen.includes(choices[index].value));
    });
  showChosen();
  const node = createElement("div", { className: "chips", role: "group", ariaLabel: ask }, ...buttons);
  return { node, readChosen: () => chosen };
};

/**
 * Return the choices of a step with their labels.
 * @param {Question} question
 * @returns {Choice[]}
 */
const labelChoices = ({ step, words }) =>
  (step.choices ?? []).map((key) => ({ value: key, label: words.choices?.[key] ?? key }));

/**
 * Return what was answered before, as a list of at most one value.
 * @param {Question} question
 */
const readAnswer = ({ step, answer }) => [answer.answers?.[step.id] ?? []].flat();

/** @param {Question} question @returns {Control} */
const createReasons = (question) => {
  const choices = labelChoices(question);
  const { node, readChosen } = createChips(question, choices, question.answer.reasons ?? [], { isMultiple: true });
  // In the order of the survey, whatever was pressed first.
  const readValue = () => {
    const chosen = readChosen();
    return chosen.length ? question.step.choices?.filter((key) => chosen.includes(key)) : undefined;
  };
  return { node, readValue };
};

/** @param {Question} question @returns {Control} */
const createChoice = (question) => {
  const { node, readChosen } = createChips(question, labelChoices(question), readAnswer(question));
  return { node, readValue: () => readChosen()[0] };
};

/** @param {Question} question @returns {Control} */
const createScale = (question) => {
  const { low = 0, high = 0 } = question.step;
  const { ends = [] } = question.words;
  const numbers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const choices = numbers.map((value) => ({ value, label: String(value) }));
  const chips = createChips(question, choices, readAnswer(question), { ends });
  chips.node.classList.add("numbers");
  const node = createElement("div", { className: "scale" }, chips.node);
  if (ends[0]) {
    const words = ends.map((textContent) => createElement("span", { textContent }));
    node.append(createElement("div", { className: "ends", ariaHidden: "true" }, ...words));
  }
  return { node, readValue: () => chips.readChosen()[0] };
};

/**
 * Return a box to write into. Its label is the question.
 * @param {Question} question
 * @param {"textarea" | "input"} tag
 * @param {object} properties
 * @param {string | null | undefined} initial
 * @returns {Control}
 */
const createBox = ({ ask, onChange }, tag, properties, initial) => {
  const box = /** @type {HTMLTextAreaElement | HTMLInputElement} */ (
    createElement(tag, { ...properties, value: initial ?? "", oninput: onChange })
  );
  return {
    hasQuestion: true,
    node: createElement("label", {}, ask ?? "", box),
    readValue: () => box.value.trim() || undefined,
  };
};

/** @param {Question} question */
const createText = (question) =>
  createBox(question, "textarea", { maxLength: MAX_TEXT_LENGTH }, question.answer.answers?.[question.step.id]);

/** @param {Question} question */
const createComment = (question) =>
  createBox(question, "textarea", { maxLength: MAX_COMMENT_LENGTH }, question.answer.comment);

/** @param {Question} question */
const createCallback = (question) => {
  const properties = { maxLength: MAX_CALLBACK_LENGTH, autocomplete: "on" };
  return createBox(question, "input", properties, question.answer.answers?.[question.step.id]);
};

/**
 * Return a link of the site's, or a button that fires an event in the page.
 * @param {Question} question
 * @returns {Control}
 */
const createWay = ({ step, words, texts, rating, answer, onChange }) => {
  const { kind, link = kind == "survey" && rating.link } = step;
  const target = link ? { href: link, target: "_blank", rel: "noopener" } : { type: "button" };
  const onclick = () => {
    control.isPressed = true;
    if (!link) {
      const detail = { score: answer.score };
      rating.dispatchEvent(new CustomEvent(`tilfreds:${kind}`, { bubbles: true, composed: true, detail }));
    }
    onChange();
  };
  const textContent = words.link ?? texts[kind];
  /** @type {Control} */
  const control = {
    readValue: () => undefined,
    node: createElement(link ? "a" : "button", { part: "go", className: "go", textContent, ...target, onclick }),
  };
  return control;
};

/** @type {Record<string, (question: Question) => Control>} */
const CREATE_BY_KIND = {
  reasons: createReasons,
  choice: createChoice,
  scale: createScale,
  text: createText,
  comment: createComment,
  callback: createCallback,
  review: createWay,
  chat: createWay,
  survey: createWay,
};

/**
 * Return what a question is answered with.
 * @param {Question} question
 */
export const createControl = (question) => CREATE_BY_KIND[question.step.kind](question);
