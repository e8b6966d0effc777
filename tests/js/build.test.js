import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import test from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

const built = join(import.meta.dirname, "../../static");
const dist = join(built, "dist");
const read = (...path) => readFileSync(join(...path), "utf8");
const manifest = JSON.parse(read(dist, "manifest.json"));
/** Every file of a folder, those of its folders too. */
const files = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(relative(folder, entry.parentPath), entry.name))
  .sort();
const small = (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const skip = !existsSync(join(built, "node_modules")) && "esbuild is not there: `cd static && npm ci`";

test("what is served is what the source makes", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dist-"));
  execFileSync(process.execPath, [join(built, "build.mjs"), folder]);
  assert.deepEqual(files(folder), files(dist));
  for (const name of files(folder)) assert.equal(read(dist, name), read(folder, name), name);
});

test("the place of the settings stands in the file once", () => {
  assert.equal(read(dist, "widget.js").split("__TILFREDS_SETTINGS__").length, 2);
});

test("the later parts of a language weigh at most 4,000 bytes together", () => {
  const weigh = (name) => small(read(dist, name + manifest.later));
  assert.ok(weigh("page") + weigh("en") <= 4000);
});

test("the manifest names every part, and each bears the ending that the widget asks for", () => {
  const parts = Object.values(manifest.parts);
  const extras = Object.keys(manifest.weights.extras).map((name) => `${name}.js`);
  assert.deepEqual([...parts, ...extras, "manifest.json", "scales.js", "widget.js"].sort(), files(dist));
  for (const [name, file] of Object.entries(manifest.parts)) assert.equal(file, name + manifest.later);
});

test("no beacon, no cookie, no markup, no code from text", () => {
  for (const name of files(dist))
    assert.doesNotMatch(read(dist, name), /sendBeacon|\.cookie|innerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/);
});
