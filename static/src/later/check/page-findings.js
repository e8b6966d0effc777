// Finds the causes in the page, in the order of the steps.
import { safeDocument } from "../../clobbering.js";
import { findChatFindings } from "./chat-findings.js";
import { findVisibility } from "./visibility.js";
import { cardOf, core, findRatings, kindOf } from "./widget.js";

/** @typedef {import("../check.js").Finding} Finding */
/** @typedef {import("../check.js").Answer} Answer */
/** @typedef {import("../../rating.js").Rating} Rating */

/** The key of placements/popover.js. */
const POPOVER_KEY = "tilfreds:popover";

/** @param {string} kind */
const surveyOf = (kind) => core?.settings.surveys[kind == "conversation" ? "chat_end" : "article"];

/**
 * Find an element for which no survey is open, and a file that is older than the survey.
 * @param {Answer} answer
 * @returns {Finding[]}
 */
const checkSurveys = ({ kinds, share }) => {
  if ((core?.settings.share ?? 1) != share) return [{ code: "file_outdated" }];
  const kind = findRatings()
    .map(kindOf)
    .find((one) => !surveyOf(one));
  if (!kind || !kinds.length) return [];
  return [kinds.includes(kind) ? { code: "file_outdated" } : { code: "survey_of_other_kind", values: { kind } }];
};

/**
 * Explain a selector that placed no rating.
 * @param {string} kind
 * @param {string} selector
 * @returns {Finding[]}
 */
const checkSelector = (kind, selector) => {
  if (findRatings().some((rating) => kindOf(rating) == kind)) return [];
  try {
    const isMatched = safeDocument.querySelector(selector) != null;
    return [{ code: isMatched ? "placement_waits" : "placement_unmatched", values: { selector } }];
  } catch {
    return [{ code: "placement_invalid", values: { selector } }];
  }
};

const isPopoverQuiet = () => {
  try {
    return localStorage[POPOVER_KEY] > Date.now();
  } catch {
    return false;
  }
};

/**
 * @param {{delay_seconds: number, scroll_percent: number}} options
 * @returns {Finding[]}
 */
const checkPopover = ({ delay_seconds, scroll_percent }) => {
  if (findRatings().some((rating) => kindOf(rating) != "conversation")) return [];
  if (isPopoverQuiet()) return [{ code: "popover_answered" }];
  return [{ code: "popover_waits", values: { seconds: String(delay_seconds), percent: String(scroll_percent) } }];
};

/**
 * Find a missing element, or a placement that placed none.
 * @param {Answer} answer
 * @returns {Finding[]}
 */
const checkElements = ({ placements, adapters }) => {
  const { inside = {}, popover } = placements;
  const findings = Object.entries(inside).flatMap(([kind, selector]) => checkSelector(kind, selector));
  if (popover) findings.push(...checkPopover(popover));
  const isPlaced = Object.keys(placements).some((name) => name != "theme") || Object.keys(adapters).length;
  return findRatings().length || isPlaced ? findings : [{ code: "element_missing" }];
};

/**
 * Explain an article without a card, or with an earlier answer. An element without a name waits for its chat.
 * @param {Rating} rating
 * @param {number} share
 * @returns {Finding[]}
 */
const checkRule = (rating, share) => {
  if (!rating.name || !rating.survey) return [];
  const record = core?.readRecord(rating.name);
  if (record?.off) return [{ code: "dismissed" }];
  if (record) return [{ code: "answered" }];
  return cardOf(rating) ? [] : [{ code: "not_sampled", values: { percent: String(Math.round(share * 100)) } }];
};

/** @returns {Finding[]} */
const checkStorage = () => {
  try {
    localStorage["tilfreds:check"] = 1;
    localStorage.removeItem("tilfreds:check");
    return [];
  } catch {
    return [{ code: "storage_blocked" }];
  }
};

/** Return a key that another tag of the page has. @returns {Finding[]} */
const checkKeys = () => {
  const [, path, key] = /^([^?#]*\W)(\w*)\.js/.exec(core?.settings.home ?? "") ?? [];
  const scripts = /** @type {HTMLScriptElement[]} */ ([...safeDocument.querySelectorAll("script[src]")]);
  const keys = scripts
    .filter(({ src }) => path && src.startsWith(path))
    .map(({ src }) => /^\w+/.exec(src.slice(path.length))?.[0]);
  return new Set(keys).size > 1 ? [{ code: "two_keys", values: { key } }] : [];
};

/**
 * Return every cause that this page shows, each once.
 * @param {Answer} answer
 * @returns {Finding[]}
 */
export const findPageFindings = (answer) => {
  if (!core) return [];
  const findings = [
    ...checkKeys(),
    ...checkSurveys(answer),
    ...checkElements(answer),
    ...findRatings().flatMap((rating) => checkRule(rating, answer.share)),
    ...findRatings().flatMap(findVisibility),
    ...(self == top ? [] : [{ code: "in_frame" }]),
    ...checkStorage(),
    ...findChatFindings(answer),
  ];
  return [...new Map(findings.map((finding) => [finding.code, finding])).values()];
};
