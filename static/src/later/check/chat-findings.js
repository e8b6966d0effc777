// Finds where a chat has stopped on its way from the vendor's script to the faces.
import { safeDocument } from "../../clobbering.js";
import { core, findRatings, kindOf } from "./widget.js";

/** @typedef {import("../check.js").Finding} Finding */
/** @typedef {import("../check.js").Answer} Answer */

/** The global variable of each vendor's script that has one. See adapters/. @type {Record<string, string>} */
const VENDORS = {
  chatwoot: "$chatwoot",
  crisp: "$crisp",
  hubspot: "HubSpotConversations",
  jivo: "jivo_api",
  livechat: "LiveChatWidget",
  rocketchat: "RocketChat",
  tawk: "Tawk_API",
  zendesk: "zE",
};

const page = /** @type {any} */ (globalThis);
let isNamed = false;

/** Note when the page asks for the browser's hash, which it passes to its back end. */
const watchNaming = () => {
  const { tilfreds } = page;
  if (!tilfreds?.browser || tilfreds.browser.isWatched) return;
  const { browser } = tilfreds;
  tilfreds.browser = Object.assign(
    () => {
      isNamed = true;
      return browser();
    },
    { isWatched: true },
  );
};

const hasStarted = () => {
  try {
    return sessionStorage[`${core?.storagePrefix}chat`] != null;
  } catch {
    return (core?.settings.chat?.turn ?? 0) > 0;
  }
};

/** @param {string | undefined} selector */
const matches = (selector) => {
  try {
    return selector != null && safeDocument.querySelector(selector) != null;
  } catch {
    return false;
  }
};

/**
 * Return whether the faces of a chat have a place.
 * @param {Answer} answer
 */
const hasPlace = ({ placements, adapters }) =>
  Boolean(placements.launcher) ||
  findRatings().some((rating) => kindOf(rating) == "conversation") ||
  Object.values(adapters).some(({ target }) => matches(target)) ||
  core?.settings.chat?.said.target != null;

/**
 * Return how far the chat came: start, name of the browser, end, decision.
 * @param {Answer} answer
 * @returns {Finding[]}
 */
const findProgress = ({ adapters }) => {
  if (!hasStarted()) return [{ code: "chat_not_started" }];
  const { decision } = core?.settings.chat ?? {};
  const isPassed = isNamed || Object.values(adapters).some(({ field }) => field);
  /** @type {Finding[]} */
  const findings = isPassed ? [] : [{ code: "chat_browser_not_named" }];
  if (!decision) findings.unshift({ code: "chat_not_ended" });
  else if (!decision.asked) findings.unshift({ code: `not_asked_${decision.reason}` });
  return findings;
};

/**
 * Return what is wrong with the chat of a page; nothing on a page without one.
 * @param {Answer} answer
 * @returns {Finding[]}
 */
export const findChatFindings = (answer) => {
  watchNaming();
  const names = Object.keys(answer.adapters);
  const hasChat = names.length || hasStarted() || findRatings().some((rating) => kindOf(rating) == "conversation");
  if (!hasChat) return [];
  const missingName = names.find((name) => VENDORS[name] && !(VENDORS[name] in page));
  if (missingName) return [{ code: "chat_without_vendor", values: { name: missingName } }];
  if (!hasPlace(answer)) return [{ code: "chat_without_place" }];
  return findProgress(answer);
};
