import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../static/texts/", import.meta.url);
const files = readdirSync(folder);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const english = read("en.json");

/** Every refusal that a visitor may meet; 429 and 503 are kept and tried again. */
const REFUSALS = [
  "withdrawn", "expired", "closed", "bad_token", "bad_signature", "signature_expired", "staff", "origin", "unknown_site",
  "invalid", "conflict", "too_large",
];
/** Greek asks with the semicolon, Arabic and its neighbours with their own mark, Chinese and Japanese with a wide one. */
const ASKS = { el: /;$/, ar: /؟$/, fa: /؟$/, ur: /؟$/, ja: /？$/, zh: /？$/ };
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];
/** Words that other languages write as English does. */
const SHARED = ["OK", "No"];
const LABELS = { faces: 3, thumbs: 2, words: 3 };
const ENDS = { csat: "satisfied", nps: "likely", ces: "easy" };

/** Every text of a file, with where it stands. @returns {[string, string][]} */
const leaves = (value, path = "") =>
  typeof value == "string" ? [[path, value]] : Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}/${key}`));
const said = new Map(leaves(english));

test("there are at least 40 languages", () => assert.ok(files.length >= 40, `${files.length}`));

test("each has a name of its own", () => {
  assert.equal(new Set(files.map((name) => read(name).language)).size, files.length);
});

for (const name of files) {
  const texts = read(name);
  const code = name.replace(".json", "");
  const asks = ASKS[code] ?? /\?$/;

  test(`${name} is named so that the widget finds it`, () => {
    // The tag's lang is cut to two letters (src/rating.js).
    assert.match(code, /^[a-z]{2}$/);
  });

  test(`${name} says everything that English says`, () => {
    assert.deepEqual(Object.keys(texts.later), Object.keys(english.later));
    assert.deepEqual(Object.keys(texts.core).filter((key) => key != "dir"), Object.keys(english.core));
    const { dir, ...core } = texts.core;
    const places = (file) => leaves(file).map(([path]) => path);
    assert.deepEqual(places({ ...texts, core }), places(english));
    assert.ok(leaves(texts).every(([, text]) => text && text == text.trim().normalize("NFC")));
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

  test(`${name} has words for the looks with many steps`, () => {
    assert.equal(new Set(texts.scales.five).size, 5);
    for (const [look, ends] of Object.entries(ENDS)) {
      assert.equal(new Set(texts.scales[ends]).size, 2, ends);
      for (const placement of ["chat_end", "article"]) assert.match(texts.surveys[placement][look].question, asks);
    }
  });

  test(`${name} words every refusal, each in its own way`, () => {
    const worded = REFUSALS.map((code) => texts.later[code]);
    assert.ok(worded.every(Boolean));
    // A site that may not and a site that is not known are the same to a visitor.
    assert.equal(new Set(worded).size, REFUSALS.length - 1);
  });

  test(`${name} leaves a place for the answer`, () => assert.equal(texts.later.answered.split("{}").length, 2));

  test(`${name} is not English`, { skip: name == "en.json" }, () => {
    for (const [path, text] of leaves(texts).filter(([path, text]) => path != "/status" && !SHARED.includes(text)))
      assert.notEqual(text, said.get(path), path);
  });
}

test("who is written from right to left says so", () => {
  assert.deepEqual(files.filter((name) => read(name).core.dir == "rtl"), RIGHT_TO_LEFT.map((code) => `${code}.json`));
  assert.ok(files.every((name) => ["rtl", undefined].includes(read(name).core.dir)));
});
