// Shows recent times in the list as an age, such as "2 min". Older ones keep the text from the server.

const MINUTE = 60000;

/** @param {ParentNode} root */
export function showRelativeTimes(root) {
  for (const time of root.querySelectorAll(".row time")) {
    const element = /** @type {HTMLTimeElement} */ (time);
    element.dataset.plain ??= element.textContent ?? "";
    const minutes = Math.floor((Date.now() - Date.parse(element.dateTime)) / MINUTE);
    const text = formatAge(minutes) ?? element.dataset.plain;
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Format an age of under six hours; null for older ones. @param {number} minutes */
function formatAge(minutes) {
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 360 ? `${Math.floor(minutes / 60)} h` : null;
}

/** Format the time of day in the browser's locale. @param {Date} moment */
export function formatTimeOfDay(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
