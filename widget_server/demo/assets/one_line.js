// A page without a back end only reports the start and the end of its chat.
document.getElementById("end").addEventListener("click", () => {
  const conversation = `somewhere-else-${Date.now()}`;
  (self.tilfreds ??= []).push((tilfreds) => tilfreds.started({ conversation }));
  tilfreds.push((tilfreds) => tilfreds.ended({ conversation }));
});
