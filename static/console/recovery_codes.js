// The page of new recovery codes: its buttons that copy and print them.
import { copyButtons } from "./copy.js";

copyButtons(document);
const printButton = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-print]"));
if (printButton) {
  printButton.hidden = false;
  printButton.addEventListener("click", () => print());
}
