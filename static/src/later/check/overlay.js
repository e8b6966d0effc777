// Draws the result of a check over the page, in a shadow root.
import { safeDocument } from "../../clobbering.js";
import { createElement } from "../../dom.js";
import { sheet } from "./overlay.css";
import { OVERLAY } from "./visibility.js";

/** @typedef {import("../check.js").Finding} Finding */
/** @typedef {import("../check.js").Answer} Answer */
/** @typedef {{message: string, fix: string, step: string, weight: "failure" | "note"}} Line */

const VALUE = /\{(\w+)\}/g;
const SIGNS = { ok: "✓", failure: "!", note: "i" };

/**
 * Return the texts of a finding with its values filled in.
 * @param {Answer} answer
 * @param {Finding} finding
 * @returns {Line[]}
 */
const toLines = ({ causes }, { code, values = {} }) => {
  const cause = causes[code];
  if (!cause) return [];
  const fill = (/** @type {string} */ text) => text.replace(VALUE, (whole, name) => values[name] ?? whole);
  return [{ ...cause, message: fill(cause.message), fix: fill(cause.fix) }];
};

/**
 * Sort failures before notes, each in the order of the steps.
 * @param {Answer} answer
 * @param {Finding[]} findings
 */
const sortLines = (answer, findings) => {
  const order = answer.steps.map(([step]) => step);
  const rank = (/** @type {Line} */ { weight, step }) => Number(weight == "note") * order.length + order.indexOf(step);
  return findings.flatMap((finding) => toLines(answer, finding)).sort((one, other) => rank(one) - rank(other));
};

/** @param {Line} line */
const createLine = ({ message, fix, weight }) =>
  createElement(
    "li",
    { className: weight },
    createElement("b", { textContent: message }),
    createElement("p", { textContent: fix }),
  );

/**
 * Return the list of all steps with their states.
 * @param {Answer} answer
 * @param {Line[]} lines
 */
const createSteps = ({ steps, labels }, lines) => {
  const items = steps.map(([step, label]) => {
    const own = lines.filter((line) => line.step == step);
    const state = own.some(({ weight }) => weight == "failure") ? "failure" : own.length ? "note" : "ok";
    const sign = createElement("span", { className: "sign", textContent: SIGNS[state], ariaHidden: "true" });
    const word = createElement("span", { className: "state", textContent: labels[state] });
    return createElement("li", { className: state }, sign, label, " ", word);
  });
  return createElement(
    "details",
    {},
    createElement("summary", { textContent: labels.steps }),
    createElement("ul", { className: "steps" }, ...items),
  );
};

/**
 * Add the overlay to the page.
 * @param {Answer} answer
 */
export const createOverlay = (answer) => {
  const { labels, lang, dir } = answer;
  const host = createElement(/** @type {"div"} */ (OVERLAY), { lang, dir });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const close = createElement("button", {
    type: "button",
    textContent: "×",
    ariaLabel: labels.close,
    title: labels.close,
  });
  close.addEventListener("click", () => host.remove());
  const status = createElement("div", { role: "status", textContent: labels.checking });
  const steps = createElement("div", {});
  const title = createElement("h2", { textContent: labels.title });
  const head = createElement("header", {}, title, close);
  root.append(createElement("section", { ariaLabel: labels.title }, head, status, steps));
  safeDocument.documentElement.append(host);

  const say = (/** @type {string} */ text) => status.replaceChildren(createElement("p", { textContent: text }));
  /** @param {Finding[]} findings */
  const show = (findings) => {
    const lines = sortLines(answer, findings);
    const isFailing = lines.some(({ weight }) => weight == "failure");
    const works = createElement("p", { className: "works", textContent: labels.works });
    const [first, ...others] = lines.map(createLine);
    const list = createElement("ol", {}, ...(first ? [first] : []), ...others);
    status.replaceChildren(...(isFailing ? [] : [works]), ...(first ? [list] : []));
    steps.replaceChildren(createSteps(answer, lines));
  };
  return { say, show, isOpen: () => host.isConnected };
};
