import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../static/texts/", import.meta.url);
const files = readdirSync(folder);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const english = read("en.json");

/** The code of every error that a visitor may see; 429 and 503 are retried. */
const ERROR_CODES = [
  "withdrawn",
  "expired",
  "closed",
  "bad_token",
  "bad_signature",
  "signature_expired",
  "staff",
  "origin",
  "unknown_site",
  "invalid",
  "conflict",
  "too_large",
];
/** Question marks: Greek has the semicolon, Arabic script a mirrored mark, Chinese and Japanese a wide one. */
const QUESTION_MARKS = { el: /;$/, ar: /؟$/, fa: /؟$/, ur: /؟$/, ja: /？$/, zh: /？$/ };
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];
/** Texts that other languages may write as English does. */
const SHARED = ["OK", "No"];
const LABELS = { faces: 3, thumbs: 2, words: 3 };
const ENDS = { csat: "satisfied", nps: "likely", ces: "easy" };

/** Return every text of a file with its path. @returns {[string, string][]} */
const listTexts = (value, path = "") =>
  typeof value == "string"
    ? [[path, value]]
    : Object.entries(value).flatMap(([key, one]) => listTexts(one, `${path}/${key}`));
const englishTexts = new Map(listTexts(english));

test("there are at least 40 languages", () => assert.ok(files.length >= 40, `${files.length}`));

test("each has a unique name", () => {
  assert.equal(new Set(files.map((name) => read(name).language)).size, files.length);
});

for (const name of files) {
  const texts = read(name);
  const code = name.replace(".json", "");
  const asks = QUESTION_MARKS[code] ?? /\?$/;

  test(`${name} has a name that the widget finds`, () => {
    // The tag's lang is cut to two letters (src/rating.js).
    assert.match(code, /^[a-z]{2}$/);
  });

  test(`${name} has every text that English has`, () => {
    assert.deepEqual(Object.keys(texts.later), Object.keys(english.later));
    assert.deepEqual(
      Object.keys(texts.core).filter((key) => key != "dir"),
      Object.keys(english.core),
    );
    const { dir, ...core } = texts.core;
    const places = (file) => listTexts(file).map(([path]) => path);
    assert.deepEqual(places({ ...texts, core }), places(english));
    assert.ok(listTexts(texts).every(([, text]) => text && text == text.trim().normalize("NFC")));
    assert.ok(["reviewed", "machine"].includes(texts.status));
    assert.equal(texts.further.progress.split("{}").length, 3);
    for (const key of ["saved", "comment_saved"]) assert.match(texts.later[key], /^✓ ./);
  });

  test(`${name} has a question and labels for every look in every place`, () => {
    for (const placement of ["chat_end", "article"])
      for (const [look, count] of Object.entries(LABELS)) {
        const { question, labels } = texts.surveys[placement][look];
        assert.match(question, asks);
        assert.equal(new Set(labels).size, count, `${placement} ${look}`);
      }
  });

  test(`${name} has texts for the longer scales`, () => {
    assert.equal(new Set(texts.scales.five).size, 5);
    for (const [look, ends] of Object.entries(ENDS)) {
      assert.equal(new Set(texts.scales[ends]).size, 2, ends);
      for (const placement of ["chat_end", "article"]) assert.match(texts.surveys[placement][look].question, asks);
    }
  });

  test(`${name} has a different text for every error`, () => {
    const errorTexts = ERROR_CODES.map((code) => texts.later[code]);
    assert.ok(errorTexts.every(Boolean));
    // A forbidden origin and an unknown site are the same to a visitor.
    assert.equal(new Set(errorTexts).size, ERROR_CODES.length - 1);
  });

  test(`${name} has a placeholder for the answer`, () => assert.equal(texts.later.answered.split("{}").length, 2));

  test(`${name} is not English`, { skip: name == "en.json" }, () => {
    for (const [path, text] of listTexts(texts).filter(([path, text]) => path != "/status" && !SHARED.includes(text)))
      assert.notEqual(text, englishTexts.get(path), path);
  });
}

test("right-to-left languages set their direction", () => {
  assert.deepEqual(
    files.filter((name) => read(name).core.dir == "rtl"),
    RIGHT_TO_LEFT.map((code) => `${code}.json`),
  );
  assert.ok(files.every((name) => ["rtl", undefined].includes(read(name).core.dir)));
});
