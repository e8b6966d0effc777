// Sends the answer of the provider of single sign-on on, which a person without script does with the button.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-on]"));
if (form) {
  // The code must not stay in the history, and Back must not send the answer again.
  history.replaceState(null, "", form.dataset.signOn);
  form.submit();
}
