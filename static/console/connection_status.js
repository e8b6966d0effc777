// Shows whether the page receives live updates.
import { formatTimeOfDay } from "./relative_time.js";
import { translate } from "./texts.js";

/**
 * @param {HTMLElement} sign @param {Record<string, { onRefused: (status: number) => void }>} fragments
 * @returns {(now: "live" | "cut" | "out") => void} to call when the state of the stream changes
 */
export function showConnectionStatus(sign, fragments) {
  /** @type {Date | null} */
  let since = null;
  let last = "";
  /** @param {string} state @param {string} text */
  const say = (state, text) => {
    if (last === state + text) return;
    last = state + text;
    sign.dataset.state = state;
    sign.textContent = text;
  };
  const signedOut = () => say("out", translate("Signed out. Reload the page to sign in again."));
  for (const fragment of Object.values(fragments)) {
    fragment.onRefused = (status) => {
      if (status === 401) signedOut();
    };
  }
  return (now) => {
    if (now === "live") {
      since = null;
      return say("live", translate("Live"));
    }
    since ??= new Date();
    if (now === "out") return signedOut();
    say("polling", translate("Not live since %(value)s. Updates every 5 seconds.", formatTimeOfDay(since)));
  };
}
