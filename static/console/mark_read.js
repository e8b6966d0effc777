// Marks a conversation as read once its transcript is in a visible page.

export async function markRead() {
  const head = /** @type {HTMLElement | null} */ (document.querySelector("main.transcript [data-unread]"));
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=form_token]"));
  if (!head || !token || document.hidden) return;
  const { seen = "", unread = "" } = head.dataset;
  // Sent once; after a failure the next visit to this tab sends it again.
  delete head.dataset.unread;
  const body = new URLSearchParams({ form_token: token.value, upto: unread });
  const answer = await fetch(seen, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") head.dataset.unread = unread;
}
