// Follows a new address whose contents changed where nothing shows it, such as in the page's own shadow roots.
import { instances } from "./surface.js";

const CHECK_INTERVAL_MS = 1000;
/** After as many checks with one address, the contents are those of that address. */
const SETTLED_CHECKS = 5;

let lastAddress = "";
let checks = 0;
setInterval(() => {
  checks = location.href == lastAddress ? checks + 1 : 0;
  lastAddress = location.href;
  if (checks == SETTLED_CHECKS) instances.forEach((rating) => rating.update(true));
}, CHECK_INTERVAL_MS);
