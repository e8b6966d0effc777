// Says that a page was not in contact, once it has been open for ten seconds.

const link = /** @type {HTMLElement | null} */ (document.querySelector("[data-check-link]"));

link?.addEventListener("click", () => setTimeout(showWaited, Number(link.dataset.checkLink) * 1000));

/** Follow the link that the page offers without a script, unless the page has reported meanwhile. */
function showWaited() {
  const waited = /** @type {HTMLAnchorElement | null} */ (document.querySelector(".findings a[href$='waited=1']"));
  waited?.click();
}
