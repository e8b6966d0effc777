// "Copy" beside what is to be pasted elsewhere; without a clipboard the button stays hidden.

const SAID = 2000;

/** @param {ParentNode} root */
export function copyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy]")) {
    const source = document.getElementById(button.getAttribute("data-copy") ?? "");
    /** @type {HTMLButtonElement} */ (button).hidden = !source;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source?.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), SAID);
    });
  }
}
