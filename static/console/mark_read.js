// Marks a conversation as read once its transcript is in a visible page.

export async function markRead() {
  const head = /** @type {HTMLElement | null} */ (document.querySelector("main.transcript [data-unread]"));
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=form_token]"));
  if (!head || !token || document.hidden) return;
  const { markRead: address = "", unread = "" } = head.dataset;
  // Sent once; after a failure the next visit to this tab sends it again.
  delete head.dataset.unread;
  const body = new URLSearchParams({ form_token: token.value, up_to: unread });
  const response = await fetch(address, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (response?.type !== "opaqueredirect") head.dataset.unread = unread;
}
