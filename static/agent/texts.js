// The texts of the agents' pages. A language repeats the texts of English in their order; {} is a value.
import { chooseLanguage } from "../src/language.js";

/** @typedef {ReturnType<typeof chooseTexts>} Texts */

const ENGLISH = /** @type {const} */ ([
  "Asked {}, no answer yet",
  "Asked {}, dismissed",
  "Withdrawn: chat continued before an answer",
  "Asked {}, no answer in time",
  "Rating removed by the visitor",
  "Not asked: {}",
  "Excluded by {}",
  "Was {}",
  "Was {}, recovered",
  "Rating",
]);
/** @type {Record<string, readonly string[]>} */
const TEXTS = {
  en: ENGLISH,
  da: [
    "Spurgt {}, intet svar endnu",
    "Spurgt {}, afvist",
    "Trukket tilbage: chatten fortsatte før et svar",
    "Spurgt {}, intet svar i tide",
    "Vurdering fjernet af den besøgende",
    "Ikke spurgt: {}",
    "Udeladt af {}",
    "Var {}",
    "Var {}, forbedret",
    "Vurdering",
  ],
  de: [
    "Gefragt {}, noch keine Antwort",
    "Gefragt {}, abgelehnt",
    "Zurückgezogen: Chat ging vor einer Antwort weiter",
    "Gefragt {}, keine rechtzeitige Antwort",
    "Bewertung vom Besucher entfernt",
    "Nicht gefragt: {}",
    "Ausgeschlossen von {}",
    "War {}",
    "War {}, verbessert",
    "Bewertung",
  ],
  nb: [
    "Spurt {}, ikke svart ennå",
    "Spurt {}, avvist",
    "Trukket tilbake: chatten fortsatte før et svar",
    "Spurt {}, ikke svart i tide",
    "Vurdering fjernet av den besøkende",
    "Ikke spurt: {}",
    "Utelatt av {}",
    "Var {}",
    "Var {}, forbedret",
    "Vurdering",
  ],
  sv: [
    "Tillfrågad {}, inget svar än",
    "Tillfrågad {}, avböjd",
    "Tillbakadragen: chatten fortsatte före ett svar",
    "Tillfrågad {}, inget svar i tid",
    "Betyget togs bort av besökaren",
    "Inte tillfrågad: {}",
    "Uteslutet av {}",
    "Var {}",
    "Var {}, förbättrat",
    "Betyg",
  ],
};
// Readers of both understand Bokmål.
TEXTS.no = TEXTS.nn = TEXTS.nb;

/**
 * Return the texts in the language of the page around an element, else of the browser, else English.
 * @param {HTMLElement} element
 */
export function chooseTexts(element) {
  const language = chooseLanguage(element, TEXTS, "en");
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  return {
    language,
    /**
     * Return the translation of an English text, with a value for `{}`.
     * @param {(typeof ENGLISH)[number]} text @param {string} [value]
     */
    say: (text, value = "") => TEXTS[language][ENGLISH.indexOf(text)].replace("{}", () => value),
    /** Format a time, with its day if that is not today. @param {string} moment */
    when(moment) {
      const at = new Date(moment);
      return (at.toDateString() == new Date().toDateString() ? "" : `${day.format(at)}, `) + time.format(at);
    },
  };
}
