// The comment of an answer: its link, its text box, and when it is saved.
import texts from "texts";
import { createElement } from "../dom.js";
import { createLink, openCard, saveChange } from "./card-parts.js";
import { readRecord } from "./core.js";

/** @typedef {import("../rating.js").Rating} Rating */

/** The server's limit, in characters. */
const MAX_COMMENT_LENGTH = 4000;

/** @param {Rating} rating */
export const createRemoveLink = (rating) =>
  createLink(texts.remove, () => saveChange(rating, { score: null, reasons: [], answers: {}, comment: null }));

/**
 * Offer a comment, or only the removal where the survey does not ask for one.
 * @param {Rating} rating
 */
export const offerComment = (rating) => {
  const { more } = openCard(rating);
  const takesComment = rating.survey.comment != false;
  more.replaceChildren(
    takesComment ? createLink(texts.word, () => openComment(rating).focus()) : createRemoveLink(rating),
  );
};

/**
 * Show the comment's text box and return it. The comment is saved on leaving the box or the page, and by Done.
 * @param {Rating} rating
 */
export const openComment = (rating) => {
  const { more } = openCard(rating);
  const readComment = () => readRecord(rating.name)?.answer.comment ?? "";
  more.receivedComment = readComment();
  const box = createElement("textarea", { maxLength: MAX_COMMENT_LENGTH, value: readComment() });
  const save = () => {
    const comment = box.value.trim();
    const isOpen = box.isConnected && readRecord(rating.name);
    if (isOpen && comment != readComment()) saveChange(rating, { comment: comment || null });
  };
  const finish = () => {
    save();
    removeEventListener("pagehide", save);
    offerComment(rating);
  };
  box.onchange = save;
  addEventListener("pagehide", save);
  more.replaceChildren(
    createElement("label", {}, texts.label, box),
    createElement(
      "footer",
      {},
      createRemoveLink(rating),
      createElement("button", { part: "done", className: "done", onclick: finish }, texts.done),
    ),
  );
  return box;
};
