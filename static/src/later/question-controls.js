// The controls of each kind of follow-up question.
import { createElement, createEvent } from "../dom.js";
import { findMeaning } from "../scale-ends.js";

/** @typedef {import("../settings.js").Question} Question */
/** @typedef {import("../settings.js").QuestionTexts} QuestionTexts */
/**
 * The current question and the stored answer.
 * @typedef {{question: Question, questionTexts: QuestionTexts, ask?: string, texts: Record<string, string>,
 *   rating: import("../questions/further.js").FurtherRating, answer: Partial<import("../store.js").Answer>,
 *   onChange: () => void}} ControlOptions
 *
 * The control of a question. `readValue` returns its value or undefined; `hasQuestion` marks a node that contains the
 * question's text; `isPressed` is for a control that has no value but a press.
 * @typedef {{node: HTMLElement, readValue: () => any, hasQuestion?: boolean, isPressed?: boolean}} Control
 *
 * @typedef {{value: string | number, label: string}} Choice
 */

/** The server's limits, in characters. */
const MAX_TEXT_LENGTH = 300;
const MAX_COMMENT_LENGTH = 4000;
const MAX_CALLBACK_LENGTH = 100;

/**
 * Return toggle buttons of which one, or with `isMultiple` several, can be pressed.
 * @param {ControlOptions} controlOptions
 * @param {Choice[]} choices
 * @param {(string | number)[]} initial the values pressed at first
 * @param {{isMultiple?: boolean, ends?: string[]}} [options]
 */
const createChips = ({ ask, onChange }, choices, initial, { isMultiple = false, ends } = {}) => {
  let selected = initial;
  const toggle = (/** @type {string | number} */ value) => {
    const wasSelected = selected.includes(value);
    const others = isMultiple ? selected.filter((other) => other != value) : [];
    selected = wasSelected ? others : [...others, value];
    showSelected();
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
  const showSelected = () =>
    buttons.forEach((button, index) => {
      button.ariaPressed = String(selected.includes(choices[index].value));
    });
  showSelected();
  const node = createElement("div", { className: "chips", role: "group", ariaLabel: ask }, ...buttons);
  return { node, readSelected: () => selected };
};

/**
 * Return the choices of a question with their labels.
 * @param {ControlOptions} options
 * @returns {Choice[]}
 */
const labelChoices = ({ question, questionTexts }) =>
  (question.choices ?? []).map((key) => ({ value: key, label: questionTexts.choices?.[key] ?? key }));

/**
 * Return the earlier answer, as a list of at most one value.
 * @param {ControlOptions} options
 */
const readAnswer = ({ question, answer }) => [answer.answers?.[question.id] ?? []].flat();

/** @param {ControlOptions} options @returns {Control} */
const createReasons = (options) => {
  const choices = labelChoices(options);
  const { node, readSelected } = createChips(options, choices, options.answer.reasons ?? [], { isMultiple: true });
  // Reasons are in the order of the survey, not of the presses.
  const readValue = () => {
    const reasons = readSelected();
    return reasons.length ? options.question.choices?.filter((key) => reasons.includes(key)) : undefined;
  };
  return { node, readValue };
};

/** @param {ControlOptions} options @returns {Control} */
const createChoice = (options) => {
  const { node, readSelected } = createChips(options, labelChoices(options), readAnswer(options));
  return { node, readValue: () => readSelected()[0] };
};

/** @param {ControlOptions} options @returns {Control} */
const createScale = (options) => {
  const { low = 0, high = 0 } = options.question;
  const { ends = [] } = options.questionTexts;
  const numbers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const choices = numbers.map((value) => ({ value, label: String(value) }));
  const chips = createChips(options, choices, readAnswer(options), { ends });
  chips.node.classList.add("numbers");
  const node = createElement("div", { className: "scale" }, chips.node);
  if (ends[0]) {
    const endLabels = ends.map((textContent) => createElement("span", { textContent }));
    node.append(createElement("div", { className: "ends", ariaHidden: "true" }, ...endLabels));
  }
  return { node, readValue: () => chips.readSelected()[0] };
};

/**
 * Return a text box. Its label is the question.
 * @param {ControlOptions} options
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

/** @param {ControlOptions} options */
const createText = (options) =>
  createBox(options, "textarea", { maxLength: MAX_TEXT_LENGTH }, options.answer.answers?.[options.question.id]);

/** @param {ControlOptions} options */
const createComment = (options) =>
  createBox(options, "textarea", { maxLength: MAX_COMMENT_LENGTH }, options.answer.comment);

/** @param {ControlOptions} options */
const createCallback = (options) => {
  const properties = { maxLength: MAX_CALLBACK_LENGTH, autocomplete: "on" };
  return createBox(options, "input", properties, options.answer.answers?.[options.question.id]);
};

/**
 * Return a link to the question's address, or a button that fires an event in the page.
 * @param {ControlOptions} options
 * @returns {Control}
 */
const createAction = ({ question, questionTexts, texts, rating, answer, onChange }) => {
  const { kind, link = kind == "survey" && rating.link } = question;
  const target = link ? { href: link, target: "_blank", rel: "noopener" } : { type: "button" };
  const onclick = () => {
    control.isPressed = true;
    if (!link) {
      const detail = { score: answer.score };
      rating.dispatchEvent(createEvent(kind, detail));
    }
    onChange();
  };
  const textContent = questionTexts.link ?? texts[kind];
  /** @type {Control} */
  const control = {
    readValue: () => undefined,
    node: createElement(link ? "a" : "button", { part: "go", className: "go", textContent, ...target, onclick }),
  };
  return control;
};

/** @type {Record<string, (options: ControlOptions) => Control>} */
const CREATE_BY_KIND = {
  reasons: createReasons,
  choice: createChoice,
  scale: createScale,
  text: createText,
  comment: createComment,
  callback: createCallback,
  review: createAction,
  chat: createAction,
  survey: createAction,
};

/**
 * Return the control of a question.
 * @param {ControlOptions} options
 */
export const createControl = (options) => CREATE_BY_KIND[options.question.kind](options);
