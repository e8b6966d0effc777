// The list of all sites: its counts are read again every few seconds while the page is visible.
import { Fragment } from "./fragment.js";
import { remember } from "./morph.js";
import { showAges } from "./relative_time.js";

const POLL_MS = 5000;
const figures = new Fragment("[data-figures]", "figures", "figures", POLL_MS);

remember(document);
showAges(document);
setInterval(() => {
  if (!document.hidden) figures.read();
}, POLL_MS);
setInterval(() => showAges(document), 1000);
