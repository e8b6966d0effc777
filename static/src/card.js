// The card: the question, its answers, the status line and the close button.
import faces from "faces";
import { createDrawing, createElement } from "./dom.js";
import { runPart } from "./parts.js";
import { saveAnswer } from "./queue.js";
import { settings } from "./settings.js";
import { readRecord } from "./store.js";

/** The lowest score of a survey that defines none. */
const MIN_SCORE = 1;

/**
 * The content of a card; `thing` identifies the rated thing in the server's terms.
 * @typedef {{name: string, thing: object, survey: import("./settings.js").Survey, lang: string,
 *   look: string}} CardContent
 */

/**
 * Return the score that this browser stores.
 * @param {string} name
 */
const readScore = (name) => readRecord(name)?.answer.score;

/**
 * Save the pressed score, and clear the further answers because they belong to the earlier score.
 * @param {import("./rating.js").Rating} rating
 * @param {CardContent} content
 * @param {number} score
 */
const press = (rating, { name, thing, survey, lang }, score) => {
  if (readScore(name) == score) {
    // Another tab may have saved this answer.
    if (!rating.root.querySelector("[aria-pressed=true]")) runPart(lang, "answered", rating);
    return;
  }
  // Signatures expire, so read the current one from the tag.
  rating.update();
  const { revision } = survey;
  saveAnswer(name, { ...thing, ...rating.proof, revision, lang, score, reasons: undefined, answers: {}, outcomes: {} });
};

/**
 * Return a card and the function that shows the stored answer.
 * @param {import("./rating.js").Rating} rating
 * @param {CardContent} content
 */
export const createCard = (rating, content) => {
  const { name, thing, survey, lang, look } = content;
  const texts = settings.texts[lang];
  const { question, labels } = survey.texts[lang];
  const low = survey.low ?? MIN_SCORE;

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

  /** Highlight the stored answer and show one of the texts. @param {string} [state] */
  const paint = (state = "") => {
    const score = readScore(name);
    choices.forEach((choice, index) => {
      choice.ariaPressed = String(score == low + index);
    });
    status.textContent = texts[state] ?? "";
  };
  settings.dress?.(rating, choices, lang);
  return { card, paint };
};
