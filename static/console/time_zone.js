// Chooses the browser's time zone in a form that is shown for the first time.

const zones = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-time-zone]"));
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && [...zones.options].some((option) => option.value === zone)) zones.value = zone;
