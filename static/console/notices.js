// Tells of answers that came while nobody looked: a number in the page's title, and a short sound.
import { wants } from "./wishes.js";

const MARK = /^\(\d+\) /;
/** Two quiet notes: hertz, and seconds from the first. */
const NOTES = [[660, 0], [880, 0.12]];
const LOUDNESS = 0.08;
const LENGTH = 0.18;

/** Whether a page that nobody looks at has something to listen for. */
export function areWanted() {
  return wants("mark") || wants("sound");
}

/** @returns {() => void} to be called when the list was read anew */
export function tellOfAnswers() {
  let known = answers();
  let missed = 0;
  /** @type {AudioContext | null} */
  let audio = null;
  // Browsers let a page be heard once somebody has touched it.
  const wake = () => {
    if (wants("sound") && "AudioContext" in self) audio ??= new AudioContext();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    missed = 0;
    document.title = document.title.replace(MARK, "");
  });
  return () => {
    const now = answers();
    const fresh = [...now].filter(([row, answer]) => known.get(row) !== answer).length;
    // What a narrower or a longer list no longer shows is not new when it comes back.
    known = new Map([...known, ...now]);
    if (!fresh || !document.hidden) return;
    missed += fresh;
    if (wants("mark")) document.title = `(${missed}) ${document.title.replace(MARK, "")}`;
    if (wants("sound") && audio) play(audio);
  };
}

/** The answer that each row shows. @returns {Map<string | undefined, string>} */
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
