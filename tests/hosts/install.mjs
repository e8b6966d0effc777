// Fetches the chats that browser tests run beside: node install.mjs [FOLDER]
//
// Each is built and complete in its package, so its dependencies are not installed, and of the package only the files that
// a browser asks for are kept: 5 MB of 171. The lock file says what must come.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const folder = process.argv[2] ?? join(here, "node_modules");
/** What is kept of each. */
const FILES = {
  "@rocket.chat/livechat": ["build/*.js", "build/*.css", "build/*.png", "build/index.html"],
  "botframework-webchat": ["dist/webchat-minimal.js"],
  "deep-chat": ["dist/deepChat.bundle.js"],
};

// The other tar takes patterns without being told.
const PATTERNS = execFileSync("tar", ["--version"], { encoding: "utf8" }).includes("GNU") ? ["--wildcards", "--no-wildcards-match-slash"] : [];

const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
mkdirSync(dirname(folder), { recursive: true });
const work = mkdtempSync(join(dirname(folder), "fetching-"));
try {
  for (const [name, files] of Object.entries(FILES)) {
    const { version, integrity } = packages[`node_modules/${name}`];
    const file = execFileSync("npm", ["pack", `${name}@${version}`, "--silent"], { cwd: work, encoding: "utf8" }).trim();
    const bytes = readFileSync(join(work, file));
    const found = "sha512-" + createHash("sha512").update(bytes).digest("base64");
    if (found != integrity) throw new Error(`${name} ${version} is not what package-lock.json names: ${found}`);
    const into = join(work, "modules", name);
    mkdirSync(into, { recursive: true });
    const wanted = files.map((one) => `package/${one}`);
    execFileSync("tar", ["-xzf", join(work, file), "-C", into, "--strip-components=1", ...PATTERNS, ...wanted]);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(join(work, "modules"), folder);
} finally {
  rmSync(work, { recursive: true, force: true });
}
