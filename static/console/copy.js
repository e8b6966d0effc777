// Copies code to the clipboard. Where the browser has no clipboard, the buttons stay hidden.
import { translate } from "./texts.js";

const CONFIRMATION_MS = 2000;

/** @param {ParentNode} root */
export function copyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy]")) {
    const source = document.getElementById(button.getAttribute("data-copy") ?? "");
    /** @type {HTMLButtonElement} */ (button).hidden = !source;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source?.textContent ?? "");
      button.textContent = translate("Copied");
      setTimeout(() => (button.textContent = label), CONFIRMATION_MS);
    });
  }
}
