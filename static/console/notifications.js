// Announces ratings that arrive while the page is hidden: a number in its title, and a short sound.
import { isEnabled } from "./preferences.js";

const MARK = /^\(\d+\) /;
/** Two quiet notes: frequency in hertz, and seconds after the first. */
const NOTES = [
  [660, 0],
  [880, 0.12],
];
const LOUDNESS = 0.08;
const LENGTH = 0.18;

/** Return whether a hidden page still announces ratings, and so needs its stream. */
export function areNotificationsEnabled() {
  return isEnabled("mark") || isEnabled("sound");
}

/** @returns {() => void} to call after each refresh of the list */
export function notifyOfAnswers() {
  let shownAnswers = answers();
  let missed = 0;
  /** @type {AudioContext | null} */
  let audio = null;
  // Browsers allow sound only after the page was clicked or a key was pressed.
  const wake = () => {
    if (isEnabled("sound") && "AudioContext" in self) audio ??= new AudioContext();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    missed = 0;
    document.title = document.title.replace(MARK, "");
  });
  return () => {
    const now = answers();
    const fresh = [...now].filter(([row, answer]) => shownAnswers.get(row) !== answer).length;
    // Rows that a filter hides are not new when they come back.
    shownAnswers = new Map([...shownAnswers, ...now]);
    if (!fresh || !document.hidden) return;
    missed += fresh;
    if (isEnabled("mark")) document.title = `(${missed}) ${document.title.replace(MARK, "")}`;
    if (isEnabled("sound") && audio) play(audio);
  };
}

/** Return the answer that each row shows. @returns {Map<string | undefined, string>} */
function answers() {
  const rows = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".rows a.row[data-answer]"));
  return new Map([...rows].map((row) => [row.dataset.id, row.dataset.answer ?? ""]));
}

/** @param {AudioContext} audio */
function play(audio) {
  for (const [pitch, after] of NOTES) {
    const begins = audio.currentTime + after;
    const volume = audio.createGain();
    volume.gain.setValueAtTime(LOUDNESS, begins);
    volume.gain.exponentialRampToValueAtTime(0.001, begins + LENGTH);
    const note = audio.createOscillator();
    note.frequency.value = pitch;
    note.connect(volume).connect(audio.destination);
    note.start(begins);
    note.stop(begins + LENGTH);
  }
}
