// Sends the answer of the provider of single sign-on on, which a person without script does with the button.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-on]"));
if (form) {
  // The code must not stay in the history.
  history.replaceState(null, "", location.pathname);
  form.submit();
}
