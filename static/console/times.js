// In the list, a recent moment is said as how long ago it was: "2 min". Older ones keep what the server wrote.

const MINUTE = 60000;

/** @param {ParentNode} root */
export function sayAgo(root) {
  for (const time of root.querySelectorAll(".row time")) {
    const element = /** @type {HTMLTimeElement} */ (time);
    element.dataset.plain ??= element.textContent ?? "";
    const minutes = Math.floor((Date.now() - Date.parse(element.dateTime)) / MINUTE);
    const text = minutes < 1 ? "now" : minutes < 60 ? `${minutes} min` : minutes < 360 ? `${Math.floor(minutes / 60)} h` : element.dataset.plain;
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The time of day, as the browser's owner writes it. @param {Date} moment */
export function timeOfDay(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
