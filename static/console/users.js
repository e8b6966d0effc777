// The page of users: the copy button of a new link.
import { copyButtons } from "./copy.js";

copyButtons(document);
