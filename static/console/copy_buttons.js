// Shows the buttons of a page that copy a text.
import { copyButtons } from "./copy.js";

copyButtons(document);
