// What each kind of step is answered with.
import { createElement } from "../dom.js";

/**
 * @typedef {{step: any, words: any, ask?: string, texts: Record<string, string>, rating: any, answer: any,
 *   touched: () => void}} Setting
 * @typedef {{node: any, value: () => any, named?: boolean, pressed?: boolean}} Control `value` is what was given, or
 *   nothing; `named` when the question stands in the node; `pressed` where there is no value but a press
 */

/** Buttons of which one or, with `many`, several are pressed; a second press takes it back.
 * @param {Setting} setting @param {[any, string][]} choices value and label @param {any[]} chosen */
const chips = ({ ask, touched }, choices, chosen, many = false, ends = /** @type {string[]} */ ([])) => {
  const buttons = choices.map(([value, label], at) => {
    const end = ends[at ? (at == choices.length - 1 ? 1 : 2) : 0];
    return createElement("button", {
      type: "button",
      part: "chip",
      textContent: label,
      ariaLabel: end ? `${label}: ${end}` : null,
      ariaPressed: String(chosen.includes(value)),
      onclick: () => {
        const had = chosen.includes(value);
        const others = many ? chosen.filter((one) => one != value) : [];
        chosen = had ? others : [...others, value];
        buttons.forEach((button, place) => (button.ariaPressed = String(chosen.includes(choices[place][0]))));
        touched();
      },
    });
  });
  return { buttons, node: createElement("div", { className: "chips", role: "group", ariaLabel: ask }, ...buttons), chosen: () => chosen };
};

/** @param {Setting} setting @returns {Control} */
const reasons = (setting) => {
  const { step, words, answer } = setting;
  const { node, chosen } = chips(setting, pairs(step, words), answer.reasons ?? [], true);
  return { node, value: () => (chosen()[0] == null ? undefined : step.choices.filter((key) => chosen().includes(key))) };
};

const pairs = (step, words) => step.choices.map((key) => [key, words.choices?.[key] ?? key]);

/** @param {Setting} setting @returns {Control} */
const choice = (setting) => {
  const { step, words, answer } = setting;
  const { node, chosen } = chips(setting, pairs(step, words), [answer.answers?.[step.id] ?? []].flat());
  return { node, value: () => chosen()[0] };
};

/** @param {Setting} setting @returns {Control} */
const scale = (setting) => {
  const { step, words, answer } = setting;
  const numbers = Array.from({ length: step.high - step.low + 1 }, (_, at) => [step.low + at, String(step.low + at)]);
  const made = chips(setting, /** @type {any} */ (numbers), [answer.answers?.[step.id] ?? []].flat(), false, words.ends);
  made.node.classList.add("numbers");
  const ends = (words.ends ?? []).map((end) => createElement("span", { textContent: end }));
  const node = createElement("div", { className: "scale" }, made.node, ...(ends[0] ? [createElement("div", { className: "ends", ariaHidden: "true" }, ...ends)] : []));
  return { node, value: () => made.chosen()[0] };
};

/** @param {"textarea" | "input"} tag @param {object} more @param {any} before */
const written = (tag, more, before) => (/** @type {Setting} */ { ask, touched }) => {
  const box = /** @type {HTMLTextAreaElement | HTMLInputElement} */ (createElement(tag, { ...more, value: before ?? "", oninput: touched }));
  // A label names the box, so the question stands in it.
  return { named: true, node: createElement("label", {}, ask ?? "", box), value: () => box.value.trim() || undefined };
};

/** @param {Setting} setting @returns {Control} */
const text = (setting) => written("textarea", { maxLength: 300 }, setting.answer.answers?.[setting.step.id])(setting);

/** @param {Setting} setting @returns {Control} */
const comment = (setting) => written("textarea", { maxLength: 4000 }, setting.answer.comment)(setting);

/** @param {Setting} setting @returns {Control} */
const callback = (setting) => written("input", { maxLength: 100, autocomplete: "on" }, setting.answer.answers?.[setting.step.id])(setting);

/** A link of the owner's, or an event that the page hears. @param {Setting} setting @returns {Control} */
const way = ({ step, words, texts, rating, answer, touched }) => {
  const { kind, link = kind == "survey" && rating.link } = step;
  /** @type {Control} */
  const made = {
    value: () => undefined,
    node: createElement(link ? "a" : "button", {
      part: "go",
      className: "go",
      textContent: words.link ?? texts[kind],
      ...(link ? { href: link, target: "_blank", rel: "noopener" } : { type: "button" }),
      onclick: () => {
        made.pressed = true;
        if (!link) rating.dispatchEvent(new CustomEvent(`tilfreds:${kind}`, { bubbles: true, composed: true, detail: { score: answer.score } }));
        touched();
      },
    }),
  };
  return made;
};

/** @param {Setting} setting @returns {Control} */
export const control = (setting) =>
  /** @type {any} */ ({ reasons, choice, scale, text, comment, callback, review: way, chat: way, survey: way })[setting.step.kind](setting);
