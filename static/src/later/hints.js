// Explains in the browser's console why a tag does not show what its page asks for. Only such pages load this part.
import { inform, instances, readRecord, settings } from "./core.js";

/** @typedef {import("../rating.js").Rating} Rating */

/** Marks an address at which reasons of one visitor are logged, too; the consoles of the others stay quiet. */
const CHECK_MODE = "tilfreds-check";

/** Return whether the page reported a chat. The part for the page keeps it in the settings. */
const hasChat = () => /** @type {any} */ (settings).chat?.turn > 0;

/** Return whether the site places its cards itself, or an adapter reports its chats. */
const isPlaced = () => {
  const { tilfreds = {} } = /** @type {any} */ (globalThis);
  return Object.keys(tilfreds).some((name) => /^(adapters|placements)\/(?!theme)/.test(name));
};

/**
 * Return why an element shows no card, with the remedy; nothing where that is as it should be, or was logged before.
 * @param {Rating} rating
 */
const findReason = ({ name, survey }) => {
  if (!name)
    return !hasChat() && 'The tag with kind="conversation" waits for the end of a chat. Call tilfreds.ended() there.';
  if (!survey || !location.href.includes(CHECK_MODE)) return;
  if (readRecord(name)) return "This browser dismissed the survey in the last 48 hours. Clear the site's data.";
  return "This view is not in the sample. Reload, or raise the share of the site's article views.";
};

/** Explain why the page shows no card. */
const explainPage = () => {
  for (const rating of instances) {
    const reason = !rating.root.firstChild && findReason(rating);
    if (reason) inform(reason);
  }
  if (instances.size || isPlaced() || hasChat()) return;
  inform(
    "The page has no <tilfreds-rating> element. Add one, or set a placement for the site (docs/guides/placement.md).",
  );
};

/**
 * Explain a refusal to count a view, because the answers would be refused as well.
 * @param {Response} response
 */
const explainRefusal = async (response) => {
  const problem = await response.json().catch(() => {});
  if (problem?.code == "origin")
    inform(`Answers from ${location.origin} will be refused. Add it to the site's allowed origins.`);
};

/** @param {string} look */
const explainLook = (look) =>
  inform(`This survey has no look "${look}". Remove the attribute, or choose "faces" or "words".`);

/**
 * Explain a look that the survey does not have, the refusal of an impression, or, without a subject, an empty page.
 * @param {string | Response} [subject]
 */
export default (subject) => {
  if (!subject) return explainPage();
  return typeof subject == "string" ? explainLook(subject) : explainRefusal(subject);
};
