import { TWO_DAYS_MS } from "../constants.js";
import { inform, instances, memory, readRecord, settings } from "./core.js";

/** @typedef {import("../settings.js").Survey} Survey */
/** @typedef {{asked: boolean, reason?: string, token: string, revision: string, answered?: any} & Partial<Survey>} Told */

/** Where the page wants the question of a chat. */
export const spots = () => [...instances].filter((rating) => rating.getAttribute("kind") == "conversation");

/** Puts a rating with these attributes into an element, or into what a selector finds.
 * @param {{target?: Node | string, [attribute: string]: any}} wish @returns {HTMLElement | void} */
export const put = ({ target, ...attributes }) => {
  const node = typeof target == "string" ? document.querySelector(target) : target;
  if (!node)
    return inform(`no place for the faces (${target}). Give a target or put the tag in the page.`);
  const rating = document.createElement("tilfreds-rating");
  for (const name in attributes) if (attributes[name] != null) rating.setAttribute(name, attributes[name]);
  return node.appendChild(rating);
};

/** An answer that stands at the server though this browser knows of none is kept for this page alone.
 * @param {Told} told */
const remember = ({ token, revision, answered }) => {
  if (answered?.score == null || readRecord(token)) return;
  const born = Date.now();
  const kept = { born, until: born + TWO_DAYS_MS, receipt: answered };
  memory[token] = JSON.stringify({ ...kept, answer: { token, revision, score: answered.score, rev: 0 } });
};

/** Shows the question, or says why not. A later wording than the file's own comes with the answer and takes its place.
 * @param {Told} told what `ended` or `poll` said @param {Node | string} [target] */
export const show = (told, target) => {
  if (!told.asked) return inform(`nobody is asked (${told.reason})`);
  remember(told);
  if (told.texts) settings.surveys.chat_end = /** @type {any} */ (told);
  if (!spots()[0]) put({ kind: "conversation", target });
  for (const rating of spots()) rating.setAttribute("token", told.token), rating.update();
};
