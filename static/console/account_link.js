// Fills in the code of a link that signs in or sets a password. It is behind # in the address, which no server
// receives.

const field = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-code] input"));
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  // The code must not stay in the history.
  history.replaceState(null, "", location.pathname);
}
const label = field?.closest("label");
if (field?.value && label) label.hidden = true;
