import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import test from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

const built = join(import.meta.dirname, "../../static");
const dist = join(built, "dist");
/** Every file of a folder and of those within. */
const files = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile())
  .map((one) => relative(folder, join(one.path, one.name)))
  .sort();
const read = (...path) => readFileSync(join(...path), "utf8");
const manifest = JSON.parse(read(dist, "manifest.json"));
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

test("the later parts of a language weigh at most 5,000 bytes together", () => {
  const weigh = (name) => small(read(dist, name + manifest.later));
  assert.ok(weigh("page") + weigh("en") <= 5000);
});

test("the part of the follow-up questions weighs at most 3,200 bytes", () => {
  assert.ok(small(read(dist, `further-en${manifest.later}`)) <= 3200);
});

test("the element of agents' pages weighs at most 4,000 bytes", () => {
  assert.ok(small(read(dist, "agent.js")) <= 4000);
});

test("the manifest names every part and extra, and each part bears the ending that the widget asks for", () => {
  const named = [...Object.values(manifest.parts), ...Object.keys(manifest.weights.extras).map((name) => `${name}.js`)];
  assert.deepEqual([...named, "agent-frame.js", "agent.js", "card-states.js", "manifest.json", "scales.js", "widget.js"].sort(), files(dist));
  for (const [name, file] of Object.entries(manifest.parts)) assert.equal(file, name + manifest.later);
});

test("no beacon, no cookie, no markup, no code from text", () => {
  for (const name of files(dist))
    assert.doesNotMatch(read(dist, name), /sendBeacon|\.cookie|innerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/);
});
