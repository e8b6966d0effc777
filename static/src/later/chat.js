// The page's chat: its start, its end, and the poll for an end that only the back end knows.
import { safeDocument } from "../clobbering.js";
import { chatRatings, showDecision } from "./chat-placement.js";
import { ensureSecret } from "./chat-secret.js";
import { chat } from "./chat-state.js";
import { inform, isRefusal, post, retryAfterSeconds, settings } from "./core.js";

/** The pauses between two polls: before the server first answered, and after that. */
const POLL_SECONDS = 5;
const ANSWERED_POLL_SECONDS = 10;
/** The maximum of a random addition that spreads the browsers' polls. */
const POLL_SPREAD_SECONDS = 5;
/** The number of answers after which a page stops polling. */
const MAX_POLL_ANSWERS = 99;
/** The pause before the end is sent again doubles up to 2^6 s, about a minute. */
const MAX_END_DOUBLINGS = 6;

/**
 * Return a value of the page's last event, else the tag's attribute, as text: the page's own ids may be numbers.
 * @param {string} name
 * @returns {string | undefined}
 */
const findValue = (name) => {
  const value = chat.said[name] ?? chatRatings()[0]?.getAttribute(name);
  return value == null ? undefined : String(value);
};

/**
 * Ask the server about the chat.
 * @param {"poll" | "ended"} path
 * @returns {Promise<{response?: Response | void, reply?: any}>} the reply is the response's JSON, where it has some
 */
const askServer = async (path) => {
  const response = await post(path, {
    conversation: findValue("conversation"),
    visitor: findValue("visitor"),
    signature: findValue("signature"),
    // Without one this is NaN, which JSON turns into null.
    expires: Number(findValue("expires")),
    browser: ensureSecret(findValue("conversation")),
    revisions: Object.values(settings.surveys).map((survey) => survey.revision),
    page: location.origin + location.pathname,
    lang: safeDocument.documentElement.lang || settings.lang,
  });
  const reply = await response?.json().catch(() => {});
  return { response, reply };
};

/**
 * Wait for these seconds, or longer where the server asked for it.
 * @param {number} seconds
 * @param {Response | void} response
 */
const pause = (seconds, response) => {
  const delay = Math.max(seconds, retryAfterSeconds(response)) * 1000;
  return new Promise((resolve) => setTimeout(resolve, delay));
};

/**
 * Poll for the chat's end while the page is visible. Polling continues less often after an answer, because the chat may
 * continue and end again.
 */
const poll = async () => {
  const turn = ++chat.turn;
  let answers = 0;
  let lastNews;
  while (answers < MAX_POLL_ANSWERS && turn == chat.turn) {
    const { response, reply } = safeDocument.hidden ? {} : await askServer("poll");
    if (turn != chat.turn) return;
    if (isRefusal(response)) {
      inform(reply?.detail);
      return;
    }
    if (response?.ok && reply) {
      const news = reply.token ?? reply.reason;
      if (news != lastNews) showDecision(reply, chat.said.target);
      lastNews = news;
      answers++;
    }
    const seconds = answers ? ANSWERED_POLL_SECONDS : POLL_SECONDS;
    await pause(seconds + POLL_SPREAD_SECONDS * Math.random(), response);
  }
};

/** Report the end of the chat until the server responds, and return its decision. */
const reportEnd = async () => {
  const turn = ++chat.turn;
  for (let tries = 0; turn == chat.turn; tries++) {
    const { response, reply } = await askServer("ended");
    if (isRefusal(response)) {
      inform(reply?.detail);
      return { asked: false, reason: reply?.code };
    }
    if (response?.ok && reply) {
      showDecision(reply, chat.said.target);
      return reply;
    }
    const spread = 0.5 + Math.random();
    await pause(2 ** Math.min(tries, MAX_END_DOUBLINGS) * spread, response);
  }
};

/** Return the hash of the secret in hex, for the page's back end; the secret itself never leaves the browser. */
export const hashBrowser = async () => {
  const bytes = new TextEncoder().encode(ensureSecret(findValue("conversation")));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/**
 * Handle the start or the end of the page's chat.
 * @param {{type?: string, detail: any}} event the end of `tilfreds.ended()` when it has no type
 */
export const handleChat = ({ type, detail }) => {
  if (type != "tilfreds:start") {
    chat.said = { ...chat.said, ...detail };
    return reportEnd();
  }
  chat.said = { ...detail };
  ensureSecret(chat.said.conversation, true);
  poll();
};
