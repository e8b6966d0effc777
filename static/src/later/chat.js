// The page's chat: its start, its end, and the poll that learns of an end which only the back end knows.
import { safeDocument } from "../clobbering.js";
import { chatRatings, showVerdict } from "./chat-placement.js";
import { keepSecret } from "./chat-secret.js";
import { chat } from "./chat-state.js";
import { inform, isRefusal, post, retryAfterSeconds, settings } from "./core.js";

/** The pauses between two polls: before the server first answered, and after that. */
const POLL_SECONDS = 5;
const ANSWERED_POLL_SECONDS = 10;
/** So much is added by chance, so that browsers keep out of step. */
const POLL_SPREAD_SECONDS = 5;
/** After so many answers a page polls no more. */
const MAX_POLL_ANSWERS = 99;
/** The pause before the end is sent again doubles up to 2^6 s, about a minute. */
const MAX_END_DOUBLINGS = 6;

/**
 * Return what the event said, else what is on the tag.
 * @param {string} name
 */
const findValue = (name) => chat.said[name] ?? chatRatings()[0]?.getAttribute(name) ?? undefined;

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
    browser: keepSecret(findValue("conversation")),
    revisions: Object.values(settings.surveys).map((survey) => survey.revision),
    page: location.origin + location.pathname,
    lang: safeDocument.documentElement.lang || settings.lang,
  });
  const reply = await response?.json().catch(() => {});
  return { response, reply };
};

/**
 * Wait for so long, or for longer where the server asked for it.
 * @param {number} seconds
 * @param {Response | void} response
 */
const pause = (seconds, response) => {
  const delay = Math.max(seconds, retryAfterSeconds(response)) * 1000;
  return new Promise((resolve) => setTimeout(resolve, delay));
};

/**
 * While the page is seen ask whether the chat is over. It goes on after an answer, less often: the chat may go on and
 * end again.
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
      if (news != lastNews) showVerdict(reply, chat.said.target);
      lastNews = news;
      answers++;
    }
    const seconds = answers ? ANSWERED_POLL_SECONDS : POLL_SECONDS;
    await pause(seconds + POLL_SPREAD_SECONDS * Math.random(), response);
  }
};

/** Say that the chat is over until the server heard it, and return what it said. */
const tellEnd = async () => {
  const turn = ++chat.turn;
  for (let tries = 0; turn == chat.turn; tries++) {
    const { response, reply } = await askServer("ended");
    if (isRefusal(response)) {
      inform(reply?.detail);
      return { asked: false, reason: reply?.code };
    }
    if (response?.ok && reply) {
      showVerdict(reply, chat.said.target);
      return reply;
    }
    const spread = 0.5 + Math.random();
    await pause(2 ** Math.min(tries, MAX_END_DOUBLINGS) * spread, response);
  }
};

/** Return the hash of the secret in hex, for the page's back end; the secret itself stays here. */
export const hashBrowser = async () => {
  const bytes = new TextEncoder().encode(keepSecret(findValue("conversation")));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/**
 * Take in what the page says of its chat.
 * @param {{type?: string, detail: any}} event without a type it is the end that `tilfreds.ended()` tells
 */
export const hearChat = ({ type, detail }) => {
  if (type != "tilfreds:start") {
    chat.said = { ...chat.said, ...detail };
    return tellEnd();
  }
  chat.said = { ...detail };
  keepSecret(chat.said.conversation, true);
  poll();
};
