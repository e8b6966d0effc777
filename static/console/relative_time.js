// Shows recent times in the list as an age, such as "2 min". Older ones keep the text from the server.

import { translate } from "./texts.js";

const MINUTE = 60000;
/** Units of an age with their seconds, the largest first. @type {["day" | "hour" | "minute", number][]} */
const AGE_UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** @param {ParentNode} root */
export function showRelativeTimes(root) {
  showAges(root);
  for (const time of root.querySelectorAll(".row time")) {
    const element = /** @type {HTMLTimeElement} */ (time);
    element.dataset.plain ??= element.textContent ?? "";
    const minutes = Math.floor((Date.now() - Date.parse(element.dateTime)) / MINUTE);
    const text = formatAge(minutes) ?? element.dataset.plain;
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Show the age of a moment in its largest unit, such as "4 seconds ago". @param {ParentNode} root */
export function showAges(root) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  for (const time of root.querySelectorAll("time[data-age]")) {
    const { dateTime } = /** @type {HTMLTimeElement} */ (time);
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(dateTime)) / 1000));
    const [unit, length] = AGE_UNITS.find((entry) => seconds >= entry[1]) ?? ["second", 1];
    const text = format.format(-Math.floor(seconds / length), unit);
    if (time.textContent !== text) time.textContent = text;
  }
}

/** Format an age of under six hours; null for older ones. @param {number} minutes */
function formatAge(minutes) {
  if (minutes < 1) return translate("now");
  if (minutes < 60) return translate("%(value)s min", minutes);
  return minutes < 360 ? translate("%(value)s h", Math.floor(minutes / 60)) : null;
}

/** Format the time of day in the language of the page. @param {Date} moment */
export function formatTimeOfDay(moment) {
  return moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
