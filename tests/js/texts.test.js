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
const LABELS = { faces: 3, thumbs: 2, words: 3 };
const ENDS = { csat: "satisfied", nps: "likely", ces: "easy" };

test("there are six languages", () => {
  assert.deepEqual(files, ["ar.json", "da.json", "de.json", "en.json", "nb.json", "sv.json"]);
});

for (const name of files) {
  const texts = read(name);

  test(`${name} says everything that English says`, () => {
    assert.deepEqual(Object.keys(texts.later), Object.keys(english.later));
    assert.deepEqual(Object.keys(texts.core).filter((key) => key != "dir"), Object.keys(english.core));
    assert.ok(["reviewed", "machine"].includes(texts.status));
  });

  test(`${name} has a question and labels for every look in every place`, () => {
    for (const placement of ["chat_end", "article"])
      for (const [look, count] of Object.entries(LABELS)) {
        const { question, labels } = texts.surveys[placement][look];
        assert.match(question, /[?؟]$/);
        assert.equal(new Set(labels).size, count, `${placement} ${look}`);
      }
  });

  test(`${name} has words for the looks with many steps`, () => {
    assert.equal(new Set(texts.scales.five).size, 5);
    for (const [look, ends] of Object.entries(ENDS)) {
      assert.equal(new Set(texts.scales[ends]).size, 2, ends);
      for (const placement of ["chat_end", "article"]) assert.match(texts.surveys[placement][look].question, /[?؟]$/);
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
    for (const [key, text] of Object.entries(texts.later)) assert.notEqual(text, english.later[key], key);
  });
}

test("only Arabic is written from right to left", () => {
  assert.deepEqual(files.filter((name) => read(name).core.dir == "rtl"), ["ar.json"]);
});
