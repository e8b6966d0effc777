import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";

const { chooseLanguage } = await import("../../static/src/language.js");

const TEXTS = { en: {}, pt: {}, "zh-Hant": {}, "zh-Hant-TW": {} };

/** [the page's language, the browser's language, the language of the card] */
const CASES = [
  ["pt", "en", "pt"],
  ["pt-BR", "en", "pt"],
  ["zh-Hant-TW", "en", "zh-Hant-TW"],
  ["zh-Hant-HK", "en", "zh-Hant"],
  ["zh_Hant_HK", "pt-PT", "pt"],
  ["fr", "pt-PT", "pt"],
  ["", "en-GB", "en"],
  [undefined, "en-GB", "en"],
  [undefined, "fr", "da"],
  ["fr-CA", undefined, "da"],
  ["PT-br", "en", "pt"],
  ["ZH-HANT-tw", "en", "zh-Hant-TW"],
  ["fr", "PT-pt", "pt"],
  // Names that every object has.
  ["constructor", "toString", "da"],
];

for (const [page, browser, expected] of CASES)
  test(`a page in ${page} and a browser in ${browser} make a card in ${expected}`, () => {
    Object.defineProperty(globalThis, "navigator", { value: { language: browser }, configurable: true });
    const element = { closest: () => (page == null ? null : Object.create({ lang: page })), getRootNode: () => Object.create({}) };

    assert.equal(chooseLanguage(element, TEXTS, "da"), expected);
  });

test("an element in shadow roots takes the language of the page around them", () => {
  Object.defineProperty(globalThis, "navigator", { value: { language: "en" }, configurable: true });
  const inside = (host) => ({ closest: () => null, getRootNode: () => Object.create({ host }) });
  const marked = { closest: () => Object.create({ lang: "pt" }) };

  assert.equal(chooseLanguage(inside(inside(marked)), TEXTS, "da"), "pt");
  assert.equal(chooseLanguage(inside(inside(undefined)), TEXTS, "da"), "en");
});
