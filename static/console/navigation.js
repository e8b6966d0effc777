// Opens a conversation in place: only the transcript changes, so the list keeps its scroll position.
import { markCurrent, openConversation, showLastBand } from "./fragment.js";
import { parseFragment } from "./morph.js";
import { showRelativeTimes } from "./relative_time.js";

/**
 * @param {() => string} position returns the position of the stream
 * @param {(from: string) => void} onOpened gets the position from before the conversation was read, since later changes
 * may be missing from it
 */
export function openInPlace(position, onOpened) {
  const app = /** @type {HTMLElement | null} */ (document.querySelector(".app"));
  if (!app) return;
  let latestVisit = 0;
  /** @param {string} href */
  const show = async (href) => {
    const visit = ++latestVisit;
    const from = position();
    const address = new URL(href, location.href);
    address.searchParams.set("fragment", "transcript");
    address.hash = "";
    const response = await fetch(address).catch(() => null);
    if (visit !== latestVisit) return;
    // After a failure the browser loads the page itself, so the server's own error is shown.
    if (!response?.ok) return location.assign(href);
    put(app, await response.text());
    onOpened(from);
  };
  document.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest?.("a.row");
    // Another button or a modifier opens a new tab or window, which the browser does.
    const opensElsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!(row instanceof HTMLAnchorElement) || opensElsewhere) return;
    event.preventDefault();
    history.pushState(null, "", row.href);
    show(row.href);
  });
  addEventListener("popstate", () => {
    const conversation = /\/conversations\/([^/]+)$/.exec(location.pathname)?.[1];
    if (!conversation) location.reload();
    else if (conversation !== openConversation()) show(location.href);
  });
}

/** @param {HTMLElement} app @param {string} text */
function put(app, text) {
  const fresh = parseFragment(text);
  const place = app.querySelector(".talk");
  const transcript = /** @type {HTMLElement | null} */ (fresh.querySelector("main.transcript"));
  if (!place || !transcript) return;
  place.replaceChildren(...fresh.body.children);
  app.dataset.open = "yes";
  document.title = transcript.dataset.title ?? document.title;
  markCurrent();
  showRelativeTimes(document);
  showLastBand();
}
