// Fetches the chats that browser tests run beside: node install.mjs [FOLDER]
//
// Each is built and complete in its package, so its dependencies are not installed, and of the package only the files that
// a browser asks for are kept: 5 MB of 171. The lock file says what must come; what is there already is not fetched again.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const folder = process.argv[2] ?? join(here, "node_modules");
/** What is kept of each. */
const FILES = {
  "@rocket.chat/livechat": ["build/*.js", "build/*.css", "build/*.png", "build/index.html"],
  "botframework-webchat": ["dist/webchat-minimal.js"],
  "deep-chat": ["dist/deepChat.bundle.js"],
};

/** Says which package a folder holds and which of its files. */
const RECORD = ".installed.json";

// The other tar takes patterns without being told.
const PATTERNS = execFileSync("tar", ["--version"], { encoding: "utf8" }).includes("GNU") ? ["--wildcards", "--no-wildcards-match-slash"] : [];

const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(dirname(folder), "fetching-"));
try {
  for (const [name, files] of Object.entries(FILES)) {
    const { version, integrity } = packages[`node_modules/${name}`];
    const contents = JSON.stringify([integrity, files]);
    if (contentsOf(join(folder, name)) !== contents) fetchInto(join(folder, name), `${name}@${version}`, integrity, files, contents);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What a folder says that it holds. */
function contentsOf(into) {
  return existsSync(join(into, RECORD)) ? readFileSync(join(into, RECORD), "utf8") : "";
}

/** Fetch a package, check it against the lock file, and move the wanted files into place at once. */
function fetchInto(into, spec, integrity, files, contents) {
  const archive = execFileSync("npm", ["pack", spec, "--silent", "--prefer-offline"], { cwd: work, encoding: "utf8" }).trim();
  const bytes = readFileSync(join(work, archive));
  const actual = "sha512-" + createHash("sha512").update(bytes).digest("base64");
  if (actual !== integrity) throw new Error(`${spec} is not what package-lock.json names: ${actual}`);
  const unpacked = mkdtempSync(join(work, "unpacked-"));
  const members = files.map((file) => `package/${file}`);
  execFileSync("tar", ["-xzf", join(work, archive), "-C", unpacked, "--strip-components=1", ...PATTERNS, ...members]);
  writeFileSync(join(unpacked, RECORD), contents);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(dirname(into), { recursive: true });
  renameSync(unpacked, into);
}
