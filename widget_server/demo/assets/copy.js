// Buttons with data-copies="id" copy that element's text and confirm it.
for (const button of document.querySelectorAll("[data-copies]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      // Without permission for the clipboard the text is selected, so that a key press copies it.
      getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl C";
    }
    setTimeout(() => (button.textContent = label), 2000);
  });
}
