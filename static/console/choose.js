// Choosing a conversation changes the transcript and nothing else: the list keeps its place.
import { markCurrent, openConversation, showLastBand } from "./fragment.js";
import { parse } from "./patch.js";
import { sayAgo } from "./times.js";

/**
 * @param {() => string} position how far the stream is @param {(from: string) => void} onChosen is told how far it was
 * before the chosen conversation was read: what happened since then may not stand in it
 */
export function chooseInPlace(position, onChosen) {
  const app = /** @type {HTMLElement | null} */ (document.querySelector(".app"));
  if (!app) return;
  let wanted = 0;
  /** @param {string} href */
  const show = async (href) => {
    const mine = ++wanted;
    const from = position();
    const address = new URL(href, location.href);
    address.searchParams.set("fragment", "transcript");
    address.hash = "";
    const answer = await fetch(address).catch(() => null);
    if (mine !== wanted) return;
    // What cannot be shown in place is shown by the browser itself, with the server's own words.
    if (!answer?.ok) return location.assign(href);
    put(app, await answer.text());
    onChosen(from);
  };
  document.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest?.("a.row");
    if (!(row instanceof HTMLAnchorElement) || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState(null, "", row.href);
    show(row.href);
  });
  addEventListener("popstate", () => {
    const chosen = /\/conversations\/([^/]+)$/.exec(location.pathname)?.[1];
    if (!chosen) location.reload();
    else if (chosen !== openConversation()) show(location.href);
  });
}

/** @param {HTMLElement} app @param {string} text */
function put(app, text) {
  const fresh = parse(text);
  const place = app.querySelector(".talk");
  const transcript = /** @type {HTMLElement | null} */ (fresh.querySelector("main.transcript"));
  if (!place || !transcript) return;
  place.replaceChildren(...fresh.body.children);
  app.dataset.open = "yes";
  document.title = transcript.dataset.title ?? document.title;
  markCurrent();
  sayAgo(document);
  showLastBand();
}
