// The page's chat: its start, its end, and the poll that learns of an end which only the back end knows.
import { asked, inform, post, refuses, settings } from "./core.js";
import { secret } from "./secret.js";
import { show, spots } from "./spots.js";
import { chat } from "./state.js";

/** What the event said, else what stands on the tag. @param {string} name */
const tell = (name) => chat.said[name] ?? spots()[0]?.getAttribute(name) ?? undefined;

/** What came back, and what it says where it says anything. @param {string} path */
const ask = async (path) => {
  const response = await post(path, {
    conversation: tell("conversation"),
    visitor: tell("visitor"),
    signature: tell("signature"),
    // Without one it is NaN, which is sent as null.
    expires: +tell("expires"),
    browser: secret(tell("conversation")),
    revisions: Object.values(settings.surveys).map((survey) => survey.revision),
    page: location.origin + location.pathname,
    lang: document.documentElement.lang || settings.lang,
  });
  return [response, await response?.json().catch(() => {})];
};

/** @param {number} seconds @param {Response | void} response */
const pause = (seconds, response) =>
  new Promise((done) => setTimeout(done, Math.max(seconds, asked(response)) * 1e3));

/** While the page is seen asks every 5 to 10 seconds, and less often once there was an answer: the chat may go on and end
 * again. */
const poll = async () => {
  const mine = ++chat.turn;
  let last;
  for (let answers = 0; answers < 99 && mine == chat.turn; ) {
    const [response, reply] = document.hidden ? [] : await ask("poll");
    if (mine != chat.turn) return;
    if (refuses(response)) return inform(reply?.detail);
    if (response?.ok && reply) {
      const news = reply.token ?? reply.reason;
      if (news != last) show(reply, chat.said.target);
      last = news;
      answers++;
    }
    await pause((answers ? 10 : 5) + 5 * Math.random(), response);
  }
};

/** Says that the chat is over until it was heard. */
const end = async () => {
  const mine = ++chat.turn;
  for (let tries = 0; mine == chat.turn; tries++) {
    const [response, reply] = await ask("ended");
    if (refuses(response)) {
      inform(reply?.detail);
      return { asked: false, reason: reply?.code };
    }
    if (response?.ok && reply) {
      show(reply, chat.said.target);
      return reply;
    }
    await pause(2 ** Math.min(tries, 6) * (0.5 + Math.random()), response);
  }
};

/** The hash of the secret, for the page's back end; the secret itself stays here. */
export const browser = async () => {
  const bytes = new TextEncoder().encode(secret(tell("conversation")));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** @param {{type?: string, detail: any}} event without a type it is the end that `tilfreds.ended()` tells */
export const hear = ({ type, detail }) => {
  if (type != "tilfreds:start") {
    chat.said = { ...chat.said, ...detail };
    return end();
  }
  chat.said = { ...detail };
  secret(chat.said.conversation, true);
  poll();
};
