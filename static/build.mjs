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
const CORE_BUDGET = 2500;
const LATER_BUDGET = 4000;

const read = (...path) => readFileSync(join(here, ...path), "utf8");
const list = (...path) => (existsSync(join(here, ...path)) ? readdirSync(join(here, ...path)) : []);
const languages = list("texts").map((name) => name.replace(".json", "")).sort();
const texts = Object.fromEntries(languages.map((code) => [code, JSON.parse(read("texts", `${code}.json`))]));

const line = (face) => read("faces", `${face}.svg`).match(/ d="([^"]+)"/)[1];
const faces = ["negative", "neutral", "positive"].map(line);
const drawings = { thumbs: [line("up"), line("up")], star: line("star"), faces5: ["terrible", "negative", "neutral", "positive", "great"].map(line) };

/** A style sheet becomes one that a page can adopt, "faces" the lines they are drawn with, "texts" the later words of a language,
 * "screenshot" its words about one. */
const assets = (language) => ({
  name: "assets",
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: `export const sheet = new CSSStyleSheet; sheet.replaceSync(${JSON.stringify(code.trim())})` };
    });
    const virtual = { faces, drawings, texts: language && texts[language].later, screenshot: language && texts[language].screenshot };
    on.onResolve({ filter: /^(faces|drawings|texts|screenshot)$/ }, ({ path }) => ({ path, namespace: "virtual" }));
    on.onLoad({ filter: /./, namespace: "virtual" }, ({ path }) => ({
      contents: `export default ${JSON.stringify(virtual[path])}`,
    }));
  },
});

async function bundle(entry, format, language) {
  const made = await build({
    entryPoints: [join(here, "src", entry)],
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
  return code.trim() + "\n";
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
    comment: true,
    texts: { [language]: texts[language].surveys[placement].faces },
  });
  return JSON.stringify({
    lang: language,
    surveys: {
      chat_end: survey("chat_end", "0199f0a2-6c1e-7d43-9b52-3fa81c07e6d4"),
      article: survey("article", "0199f0a2-6c25-7a10-8e7f-c4d2905b31fa"),
    },
    texts: { [language]: texts[language].core },
    later,
  });
}

const widget = (await bundle("widget.js", "iife")).replace(/^/, BANNER);
if (widget.split(PLACEHOLDER).length != 2) throw new Error(`the widget must hold ${PLACEHOLDER} once`);

/** What a file exports, and nothing else, as an expression that the server puts into the files of sites that need it. */
async function expression(entry, name) {
  const code = (await bundle(entry, "esm")).replace(new RegExp(`^([^]*)export\\{(\\w+) as ${name}\\};\\n$`), "(()=>{$1return $2})()");
  if (!code.startsWith("(()")) throw new Error(`${entry} must export ${name} and nothing else`);
  return code;
}

const scales = await expression("looks/scales.js", "dress");

/** Adapters, placements and offers by their name, such as "adapters/crisp": each exports a function of its options by
 * default. */
const extras = Object.fromEntries(
  await Promise.all(
    ["adapters", "placements", "offers"]
      .flatMap((folder) => list("src", folder).filter((file) => file.endsWith(".js")).map((file) => `${folder}/${file.replace(".js", "")}`))
      .map(async (name) => [name, await expression(`${name}.js`, "default")]),
  ),
);

const parts = Object.fromEntries(
  await Promise.all([
    bundle("later/page.js", "esm").then((text) => ["page", text]),
    ...languages.map(async (code) => [code, await bundle("later/steps.js", "esm", code)]),
    ...languages.map(async (code) => [`screenshot-${code}`, await bundle("later/screenshot.js", "esm", code)]),
  ]),
);
const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
const later = `-${hash}.js`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, "widget.js"), widget);
writeFileSync(join(dist, "scales.js"), scales);
for (const [name, code] of Object.entries(extras)) {
  mkdirSync(dirname(join(dist, name)), { recursive: true });
  writeFileSync(join(dist, `${name}.js`), code);
}
for (const [name, text] of Object.entries(parts)) writeFileSync(join(dist, name + later), text);

const weights = {
  served: Object.fromEntries(languages.map((code) => [code, small(widget.replace(PLACEHOLDER, sample(code, later)))])),
  later: Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, small(text)])),
  extras: Object.fromEntries(Object.entries(extras).map(([name, code]) => [name, small(code)])),
};
const manifest = { widget: "widget.js", later, parts: Object.fromEntries(Object.keys(parts).map((name) => [name, name + later])), weights };
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");

const together = weights.later.page + weights.later.en;
console.log(`served file (en)  ${weights.served.en} of ${CORE_BUDGET} bytes`);
console.log(`later parts (en)  ${together} of ${LATER_BUDGET} bytes:`, weights.later);
if (weights.served.en > CORE_BUDGET || together > LATER_BUDGET) {
  console.error("over the budget");
  process.exitCode = 1;
}
