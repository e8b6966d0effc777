// A page without a back end only sends an event at the end of its chat.
document.getElementById("end").addEventListener("click", () => {
  const conversation = `somewhere-else-${Date.now()}`;
  document.dispatchEvent(new CustomEvent("tilfreds:start", { detail: { conversation } }));
  document.dispatchEvent(new CustomEvent("tilfreds:end", { detail: { conversation } }));
});
