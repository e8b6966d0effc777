// The page "Appearance": its previews follow the form while a person types.
const PAUSE_MS = 300;
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-preview]"));
let timer = 0;

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(showPreviews, PAUSE_MS);
});

/** Load both previews with the theme of the form. */
function showPreviews() {
  if (!form) return;
  const theme = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (name.startsWith("theme.") && typeof value === "string" && value) theme.set(name, value);
  for (const frame of form.querySelectorAll("iframe")) {
    theme.set("scheme", frame.dataset.scheme ?? "");
    // A new address would add a step to the browser's history.
    frame.contentWindow?.location.replace(`${form.dataset.preview}?${theme}`);
  }
}
