// Buttons with data-copies="id" copy that element's text, and say so.
for (const button of document.querySelectorAll("[data-copies]")) {
  const before = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      // Without leave to use the clipboard the text is marked, so that a key press copies it.
      getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl C";
    }
    setTimeout(() => (button.textContent = before), 2000);
  });
}
