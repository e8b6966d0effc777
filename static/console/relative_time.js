// Shows recent times in the list as an age, such as "2 min". Older ones keep the text from the server.

const MINUTE = 60000;

/** @param {ParentNode} root */
export function showRelativeTimes(root) {
  for (const time of root.querySelectorAll(".row time")) {
    const element = /** @type {HTMLTimeElement} */ (time);
    element.dataset.plain ??= element.textContent ?? "";
    const minutes = Math.floor((Date.now() - Date.parse(element.dateTime)) / MINUTE);
    const text = minutes < 1 ? "now" : minutes < 60 ? `${minutes} min` : minutes < 360 ? `${Math.floor(minutes / 60)} h` : element.dataset.plain;
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Format the time of day in the browser's locale. @param {Date} moment */
export function formatTimeOfDay(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
