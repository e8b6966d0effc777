// Refreshes an open page: follows the event stream, and reads the fragments that changed.
import { showConnectionStatus } from "./connection_status.js";
import { copyButtons } from "./copy.js";
import { Fragment, openConversation, showLastBand } from "./fragment.js";
import { listenForKeys } from "./keys.js";
import { markRead } from "./mark_read.js";
import { remember } from "./morph.js";
import { openInPlace } from "./navigation.js";
import { areNotificationsEnabled, notifyOfAnswers } from "./notifications.js";
import { setUpPreferences } from "./preferences.js";
import { showAges, showRelativeTimes } from "./relative_time.js";
import { openStream } from "./shared_stream.js";

const POLL_MS = 5000;
/** A hidden tab without notifications closes its stream after this time, because the server limits streams. */
const MAX_HIDDEN_MS = 60000;
const LIST_PAUSE_MS = 1000;

remember(document);
showRelativeTimes(document);
copyButtons(document);
showLastBand();
setUpPreferences(document);
listenForKeys();
markRead();
document.addEventListener("visibilitychange", markRead);

const sign = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
if (sign) follow(sign);

/** @param {HTMLElement} sign */
function follow(sign) {
  const fragments = {
    transcript: new Fragment("main[data-source]", "source", "transcript", 0),
    figures: new Fragment("[data-figures]", "figures", "figures", LIST_PAUSE_MS),
    list: new Fragment("[data-list]", "list", "list", LIST_PAUSE_MS),
  };
  fragments.list.onShown = notifyOfAnswers();
  fragments.transcript.onShown = markRead;
  const readAll = () => Object.values(fragments).forEach((fragment) => fragment.read());
  const showStatus = showConnectionStatus(sign, fragments);
  let polling = 0;
  const stream = openStream(sign.dataset.live ?? "", sign.dataset.position ?? "", {
    onState(now) {
      showStatus(now);
      if (now !== "cut") {
        clearInterval(polling);
        polling = 0;
      } else if (!polling) {
        readAll();
        polling = setInterval(readAll, POLL_MS);
      }
    },
    onEvent({ event }) {
      if (event === "change") fragments.transcript.read();
      if (event === "change" || event === "list") fragments.list.read();
      if (event === "change" || event === "list") fragments.figures.read();
      if (event === "reset") readAll();
    },
  });
  const start = () => stream.follow([openConversation()].filter(Boolean));
  openInPlace(
    () => stream.position,
    (from) => {
      stream.position = from;
      fragments.transcript.forget();
      // Only a list of unread ones depends on the open conversation.
      if (fragments.list.address()?.searchParams.has("open")) fragments.list.read();
      markRead();
      start();
    },
  );
  restWhenHidden(stream, start);
  setInterval(() => showRelativeTimes(document), 15000);
  setInterval(() => showAges(document), 1000);
  start();
}

/** @param {{ stop: () => void }} stream @param {() => void} start */
function restWhenHidden(stream, start) {
  let timer = 0;
  let resting = false;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden && !areNotificationsEnabled()) {
      timer = setTimeout(() => {
        resting = true;
        stream.stop();
      }, MAX_HIDDEN_MS);
    } else if (resting) {
      resting = false;
      start();
    }
  });
}
