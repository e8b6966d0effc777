// In the files of sites whose surveys have follow-up questions: runs the part that asks them.
import { instances, runPart } from "../later/core.js";

/**
 * A rating that can ask follow-up questions; `link` is the address of the survey page, where the last receipt had one.
 * @typedef {import("../rating.js").Rating & {further?: () => void, link?: string}} FurtherRating
 */

/** The height of a question with one row of choices or one line of text, and of each further row. */
const QUESTION_HEIGHT_PX = 200;
const ROW_HEIGHT_PX = 52;
/** The width of a choice, beside and for each letter of its text. */
const CHOICE_WIDTH_PX = 40;
const LETTER_WIDTH_PX = 7.5;
const CARD_PADDING_PX = 32;
const LINE_HEIGHT_PX = 24;
const MIN_SCORE = 1;

/**
 * Return the height that the first question after a score is going to need, or 0 without one.
 * @param {import("../rating.js").Rating} rating
 * @param {HTMLElement} card
 * @param {number} score
 */
const measureQuestion = ({ survey }, card, score) => {
  const question = survey.questions?.find(({ scores }) => scores.includes(score));
  if (!question) return 0;
  const labels = Object.values(survey.texts[card.lang].questions?.[question.id]?.choices ?? {});
  const width = labels.reduce((sum, label) => sum + CHOICE_WIDTH_PX + label.length * LETTER_WIDTH_PX, 0);
  return QUESTION_HEIGHT_PX + Math.floor(width / (card.clientWidth - CARD_PADDING_PX)) * ROW_HEIGHT_PX;
};

/**
 * Make room for the first question at the press. It is shown once a receipt arrives, and what moves later than half a
 * second after a press is a layout shift. Any other press in the card ends this.
 * @param {MouseEvent} event
 */
const keepRoom = (event) => {
  const [clicked] = /** @type {Element[]} */ (event.composedPath());
  const rating = [...instances].find(({ root }) => root.contains(clicked));
  const card = /** @type {HTMLElement | undefined} */ (rating?.root.firstChild);
  const choice = clicked.closest("[part=choice]");
  if (!rating || !card || choice?.ariaPressed == "true") return;
  const status = /** @type {HTMLElement} */ (card.querySelector("output"));
  const form = card.querySelector("form");
  card.style.minHeight = status.style.marginBottom = "";
  if (form) form.style.minHeight = "";
  if (!choice) return;
  // The best answer comes first, so the score counts the answers after the pressed one.
  let score = rating.survey.low ?? MIN_SCORE;
  for (let next = choice.nextElementSibling; next; next = next.nextElementSibling) score++;
  // The questions of another answer close with the receipt.
  if (form) form.hidden = true;
  const height = measureQuestion(rating, card, score);
  if (!height) return;
  status.style.marginBottom = `${height}px`;
  // A line of links follows with the receipt.
  const line = card.querySelector("nav") ? 0 : LINE_HEIGHT_PX;
  card.style.minHeight = `${card.clientHeight - CARD_PADDING_PX + line}px`;
};

/** Give ratings a method that asks follow-up questions. It runs when a receipt or an older answer is shown. */
export default () => {
  const { prototype } = /** @type {{prototype: FurtherRating}} */ (customElements.get("tilfreds-rating"));
  // A page may include the script twice; the first copy serves it.
  if (prototype.further) return;
  addEventListener("click", keepRoom, true);
  prototype.further = function () {
    const card = /** @type {HTMLElement | null} */ (this.root.firstChild);
    if (this.survey.questions && card) runPart(`further-${card.lang}`, this);
  };
};
