// A page without a back end: one event at the end of its chat is all it does.
document.getElementById("end").addEventListener("click", () => {
  const conversation = `somewhere-else-${Date.now()}`;
  document.dispatchEvent(new CustomEvent("tilfreds:start", { detail: { conversation } }));
  document.dispatchEvent(new CustomEvent("tilfreds:end", { detail: { conversation } }));
});
