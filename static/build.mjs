// Builds dist/ (or the folder that is named) from src/, faces/ and texts/, and says what it weighs: npm run build
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build, transform } from "esbuild";

const here = import.meta.dirname;
const dist = process.argv[2] ?? join(here, "dist");
const BANNER = "//Tilfreds, MIT\n";
const PLACEHOLDER = "__TILFREDS_SETTINGS__";
/** Where the words of a site go that has its own, in card-states.js: the part that no language is in yet. */
const OWN_TEXTS = "__TILFREDS_TEXTS__";
const CORE_BUDGET = 3500;
const LATER_BUDGET = 5000;
/** Follow-up questions have a row of their own: only surveys that go on after the first tap need it. */
const FURTHER_BUDGET = 3200;
const AGENT_BUDGET = 4000;

const read = (...path) => readFileSync(join(here, ...path), "utf8");
const list = (...path) => (existsSync(join(here, ...path)) ? readdirSync(join(here, ...path)) : []);
const languages = list("texts")
  .map((name) => name.replace(".json", ""))
  .sort();
const texts = Object.fromEntries(languages.map((code) => [code, JSON.parse(read("texts", `${code}.json`))]));

const line = (face) => read("faces", `${face}.svg`).match(/ d="([^"]+)"/)[1];
const faces = ["negative", "neutral", "positive"].map(line);
const drawings = {
  thumbs: [line("up"), line("up")],
  star: line("star"),
  faces5: ["terrible", "negative", "neutral", "positive", "great"].map(line),
};

/** What the follow-up questions say: their own words, and two that the comment has, too. @param {string} code */
const further = (code) => {
  const { done, label } = texts[code].later;
  return { ...texts[code].further, done, label };
};

/**
 * Resolve the imports that are no scripts: a style sheet becomes one that a page can adopt, "faces", "drawings" and
 * "thumb" are lines to draw, and "texts", "further" and "screenshot" the later words of a language.
 */
const assets = (language) => ({
  name: "assets",
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: `export const sheet = new CSSStyleSheet; sheet.replaceSync(${JSON.stringify(code.trim())})` };
    });
    const { later, screenshot } = texts[language] ?? {};
    const hasOwnTexts = language == OWN_TEXTS;
    const thumb = drawings.thumbs[0];
    const virtual = { faces, drawings, thumb, texts: later, screenshot, further: later && further(language) };
    const names = new RegExp(`^(${Object.keys(virtual).join("|")})$`);
    on.onResolve({ filter: names }, ({ path }) => ({ path, namespace: "virtual" }));
    on.onLoad({ filter: /./, namespace: "virtual" }, ({ path }) => ({
      contents: `export default ${hasOwnTexts && path == "texts" ? OWN_TEXTS : JSON.stringify(virtual[path])}`,
    }));
  },
});

async function bundle(entry, format, language, folder = "src") {
  const made = await build({
    entryPoints: [join(here, folder, entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    charset: "utf8",
    target: "es2022",
    legalComments: "none",
    tsconfigRaw: "{}",
    plugins: [assets(language)],
  });
  // Once more, since declarations of different files are only joined when they stand in one.
  const { code } = await transform(made.outputFiles[0].text, { minify: true, charset: "utf8", target: "es2022" });
  return `${code.trim()}\n`;
}

const small = (text) =>
  brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  }).length;

/** What a site with one language, one chat survey and one article survey serves; ids have the real lengths. */
function sample(language, later) {
  const survey = (placement, revision) => ({
    revision,
    look: "faces",
    texts: { [language]: texts[language].surveys[placement].faces },
  });
  return JSON.stringify({
    texts: { [language]: texts[language].core },
    surveys: {
      chat_end: survey("chat_end", "0199f0a2-6c1e-7d43-9b52-3fa81c07e6d4"),
      article: survey("article", "0199f0a2-6c25-7a10-8e7f-c4d2905b31fa"),
    },
    later,
    lang: language,
  });
}

const widget = (await bundle("widget.js", "iife")).replace(/^/, BANNER);
if (widget.split(PLACEHOLDER).length != 2) throw new Error(`the widget must hold ${PLACEHOLDER} once`);

/** Return what a file exports as an expression that the server puts into the files of sites that need it. */
async function expression(entry, name) {
  const exported = new RegExp(`^([^]*)export\\{([\\w$]+) as ${name}\\};\\n$`);
  const code = (await bundle(entry, "esm")).replace(exported, "(()=>{$1return $2})()");
  if (!code.startsWith("(()")) throw new Error(`${entry} must export ${name} and nothing else`);
  return code;
}

/** The element of agents' pages, the same for every site. */
const agent = BANNER + (await bundle("agent.js", "iife", undefined, "agent"));
/** What runs in the page for a frame; no site's own page loads it. */
const frame = BANNER + (await bundle("frame.js", "iife", undefined, "agent"));

const scales = await expression("looks/scales.js", "dress");

/** Adapters, placements and offers by their name, such as "adapters/crisp": each exports a function of its options by
 * default. */
const extras = Object.fromEntries(
  await Promise.all(
    ["adapters", "placements", "questions", "offers"]
      .flatMap((folder) => list("src", folder).map((file) => `${folder}/${file}`))
      .filter((file) => file.endsWith(".js"))
      .map((file) => file.replace(".js", ""))
      .map(async (name) => [name, await expression(`${name}.js`, "default")]),
  ),
);

const parts = Object.fromEntries(
  await Promise.all([
    ...["page", "quiet"].map(async (name) => [name, await bundle(`later/${name}.js`, "esm")]),
    ...languages.map(async (code) => [code, await bundle("later/card-states.js", "esm", code)]),
    ...languages.map(async (code) => [`further-${code}`, await bundle("later/further.js", "esm", code)]),
    ...languages.map(async (code) => [`screenshot-${code}`, await bundle("later/screenshot.js", "esm", code)]),
  ]),
);
const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
const later = `-${hash}.js`;

const cardStates = await bundle("later/card-states.js", "esm", OWN_TEXTS);
if (cardStates.split(OWN_TEXTS).length != 2) throw new Error(`the card states must hold ${OWN_TEXTS} once`);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, "widget.js"), widget);
writeFileSync(join(dist, "agent.js"), agent);
writeFileSync(join(dist, "agent-frame.js"), frame);
writeFileSync(join(dist, "scales.js"), scales);
writeFileSync(join(dist, "card-states.js"), cardStates);
for (const [name, code] of Object.entries(extras)) {
  mkdirSync(dirname(join(dist, name)), { recursive: true });
  writeFileSync(join(dist, `${name}.js`), code);
}
for (const [name, text] of Object.entries(parts)) writeFileSync(join(dist, name + later), text);

const weights = {
  served: Object.fromEntries(languages.map((code) => [code, small(widget.replace(PLACEHOLDER, sample(code, later)))])),
  later: Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, small(text)])),
  extras: Object.fromEntries(Object.entries(extras).map(([name, code]) => [name, small(code)])),
  agent: small(agent),
};
const files = Object.fromEntries(Object.keys(parts).map((name) => [name, name + later]));
const manifest = { widget: "widget.js", later, parts: files, weights };
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

const together = weights.later.page + weights.later.en;
console.log(`served file (en)  ${weights.served.en} of ${CORE_BUDGET} bytes`);
console.log(`later parts (en)  ${together} of ${LATER_BUDGET} bytes:`, weights.later);
console.log(`follow-up questions (en)  ${weights.later["further-en"]} of ${FURTHER_BUDGET} bytes`);
console.log(`agent.js  ${weights.agent} of ${AGENT_BUDGET} bytes`);
const isOver =
  weights.served.en > CORE_BUDGET ||
  together > LATER_BUDGET ||
  weights.later["further-en"] > FURTHER_BUDGET ||
  weights.agent > AGENT_BUDGET;
if (isOver) {
  console.error("over the budget");
  process.exitCode = 1;
}
