// Fits the cards into the page around them, and explains what does not fit. Loads once a card was painted.
import { keepEvents } from "./keys.js";
import { fit, instances, Rating } from "./surface.js";
import "./unseen-changes.js";

/** The position of `runPart` in the tools of the served file: see ../widget.js. */
const RUN_PART = 10;
/** @param {string | Response} subject see hints.js */
const explain = (subject) => Rating.core[RUN_PART]("hints", subject);

/** @type {Set<string>} */
const explainedLooks = new Set();

/** Explain a look that the survey does not have. @param {import("../rating.js").Rating} rating */
const explainLook = (rating) => {
  const look = rating.getAttribute("look");
  const row = rating.root.querySelector("[role=group]");
  if (!look || !row || row.classList.contains(look) || explainedLooks.has(look)) return;
  explainedLooks.add(look);
  explain(look);
};

/**
 * Explain a refused impression, because an origin that the site does not allow is refused there before any press.
 * @param {import("../rating.js").Rating} rating
 */
const explainRefusal = async (rating) => {
  const { seenReply } = rating;
  rating.seenReply = undefined;
  const response = await seenReply;
  if (response && !response.ok) explain(response);
};

/** @param {typeof import("../clobbering.js").unclobbered} view */
export default (view) => {
  keepEvents();
  fit(view);
  instances.forEach(explainLook);
  instances.forEach(explainRefusal);
};
