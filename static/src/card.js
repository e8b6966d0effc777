// The card: the question, its answers, the line that says what became of them, and the button that puts it away.
import faces from "faces";
import { createDrawing, createElement } from "./dom.js";
import { runPart } from "./parts.js";
import { saveAnswer } from "./queue.js";
import { settings } from "./settings.js";
import { readRecord } from "./store.js";

/** The lowest score where the survey names none. */
const MIN_SCORE = 1;

/**
 * What a card shows and saves; `thing` is what is rated, as the server names it.
 * @typedef {{name: string, thing: object, survey: import("./settings.js").Survey, lang: string,
 *   look: string}} CardContent
 */

/**
 * Return the score that is kept in this browser.
 * @param {string} name
 */
const readScore = (name) => readRecord(name)?.answer.score;

/**
 * Save the score that was pressed. Further answers belong to the score before, so they go.
 * @param {import("./rating.js").Rating} rating
 * @param {CardContent} content
 * @param {number} score
 */
const press = (rating, { name, thing, survey, lang }, score) => {
  if (readScore(name) == score) return;
  // Signatures expire, so the one on the tag now goes with the answer.
  rating.update();
  const { revision } = survey;
  saveAnswer(name, { ...thing, ...rating.proof, revision, lang, score, reasons: undefined, answers: {}, outcomes: {} });
};

/**
 * Return a card and the function that shows what is kept.
 * @param {import("./rating.js").Rating} rating
 * @param {CardContent} content
 */
export const createCard = (rating, content) => {
  const { name, thing, survey, lang, look } = content;
  const texts = settings.texts[lang];
  const { question, labels } = survey.texts[lang];
  const { low = MIN_SCORE } = survey;

  const choices = labels.map((label, index) => {
    const drawings = look == "faces" ? [createDrawing(faces[index])] : [];
    const onclick = () => press(rating, content, low + index);
    return createElement("button", { part: "choice", onclick }, ...drawings, label);
  });
  const dismiss = () => {
    card.remove();
    runPart(lang, "dismissed", rating, thing);
  };
  const status = createElement("output", { part: "status" });
  const card = createElement(
    "section",
    { part: "card", dir: texts.dir || "ltr", lang },
    createElement("button", { part: "close", ariaLabel: texts.close, onclick: dismiss }, "×"),
    createElement("p", { part: "question" }, question),
    // The best answer comes first.
    createElement("div", { role: "group", ariaLabel: question, className: look }, ...choices.toReversed()),
    status,
  );

  /** Light the answer that is kept, and show one of the texts. @param {string} [state] */
  const paint = (state) => {
    const score = readScore(name);
    choices.forEach((choice, index) => {
      choice.ariaPressed = String(score == low + index);
    });
    status.textContent = state ? texts[state] : "";
  };
  settings.dress?.(rating, choices, lang);
  return { card, paint };
};
