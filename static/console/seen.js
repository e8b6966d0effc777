// Says that an answer was looked at, once it stands in a page that somebody sees.

export async function tellSeen() {
  const head = /** @type {HTMLElement | null} */ (document.querySelector("main.transcript [data-unseen]"));
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=form_token]"));
  if (!head || !token || document.hidden) return;
  const { seen = "", unseen = "" } = head.dataset;
  // Not twice; where the telling fails, the next look at this page tells it again.
  delete head.dataset.unseen;
  const body = new URLSearchParams({ form_token: token.value, upto: unseen });
  const answer = await fetch(seen, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") head.dataset.unseen = unseen;
}
