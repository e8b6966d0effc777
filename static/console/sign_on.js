// Sends the answer of the provider of single sign-on on, which a person without script does with the button.

const answerForm = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-on]"));
if (answerForm) {
  // The code must not stay in the history, and Back must not send the answer again.
  history.replaceState(null, "", answerForm.dataset.signOn);
  answerForm.submit();
}
