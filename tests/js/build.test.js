import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import test from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

const built = join(import.meta.dirname, "../../static");
const dist = join(built, "dist");
/** Return every file of a folder and its subfolders. */
const listFiles = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => relative(folder, join(one.path, one.name)))
    .sort();
const read = (...path) => readFileSync(join(...path), "utf8");
const manifest = JSON.parse(read(dist, "manifest.json"));
const compressedSize = (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const skip = !existsSync(join(built, "node_modules")) && "esbuild is not there: `cd static && npm ci`";

test("the served files match the source", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dist-"));
  execFileSync(process.execPath, [join(built, "build.mjs"), folder]);
  assert.deepEqual(listFiles(folder), listFiles(dist));
  for (const name of listFiles(folder)) assert.equal(read(dist, name), read(folder, name), name);
});

test("the placeholder of the settings is in the file once", () => {
  assert.equal(read(dist, "widget.js").split("__TILFREDS_SETTINGS__").length, 2);
});

test("the later parts of a language weigh at most 5,000 bytes together", () => {
  const weigh = (name) => compressedSize(read(dist, name + manifest.later));
  assert.ok(weigh("page") + weigh("en") <= 5000);
});

test("the part of the follow-up questions weighs at most 3,200 bytes", () => {
  assert.ok(compressedSize(read(dist, `further-en${manifest.later}`)) <= 3200);
});

test("the element of agents' pages weighs at most 4,000 bytes", () => {
  assert.ok(compressedSize(read(dist, "agent.js")) <= 4000);
});

test("the manifest lists every part and extra, and each part has the suffix that the widget requests", () => {
  const names = [...Object.values(manifest.parts), ...Object.keys(manifest.weights.extras).map((name) => `${name}.js`)];
  assert.deepEqual(
    [...names, "agent-frame.js", "agent.js", "card-states.js", "manifest.json", "scales.js", "widget.js"].sort(),
    listFiles(dist),
  );
  for (const [name, file] of Object.entries(manifest.parts)) assert.equal(file, name + manifest.later);
});

test("no beacon, no cookie, no markup, no code from text", () => {
  for (const name of listFiles(dist))
    assert.doesNotMatch(
      read(dist, name),
      /sendBeacon|\.cookie|innerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/,
    );
});
