// Builds dist/ (or the folder of the first argument) from src/, faces/ and texts/, and prints the sizes: npm run build
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const here = import.meta.dirname;
const dist = process.argv[2] ?? join(here, "dist");
const BANNER = "//Tilfreds, MIT\n";
const PLACEHOLDER = "__TILFREDS_SETTINGS__";
/** Marks the place of a site's texts in card-states.js, the part without a language. */
const TEXTS_PLACEHOLDER = "__TILFREDS_TEXTS__";
const CORE_BUDGET = 3500;
const LATER_BUDGET = 5000;
/** Separate, because only surveys with follow-up questions load this part. */
const FURTHER_BUDGET = 3200;
/** Separate, because no step of a visitor needs it: it fits every card into its page, once the card was painted. */
const SURROUNDINGS_BUDGET = 1100;
const AGENT_BUDGET = 4000;

const readText = (...path) => readFileSync(join(here, ...path), "utf8");
const listFiles = (...path) => (existsSync(join(here, ...path)) ? readdirSync(join(here, ...path)) : []);
const languages = listFiles("texts")
  .map((name) => name.replace(".json", ""))
  .sort();
const texts = Object.fromEntries(languages.map((code) => [code, JSON.parse(readText("texts", `${code}.json`))]));

const readLine = (face) => readText("faces", `${face}.svg`).match(/ d="([^"]+)"/)[1];
const faces = ["negative", "neutral", "positive"].map(readLine);
const drawings = {
  thumbs: [readLine("up"), readLine("up")],
  star: readLine("star"),
  faces5: ["terrible", "negative", "neutral", "positive", "great"].map(readLine),
};

/** Return the texts of the follow-up questions: their own, and two of the comment's. @param {string} code */
const furtherTexts = (code) => {
  const { label, done } = texts[code].later;
  return { ...texts[code].further, done, label };
};

/**
 * Resolve the imports that are not scripts: a style sheet becomes a constructed one, "faces", "drawings" and "thumb"
 * are lines to draw, and "texts", "further" and "screenshot" are the later texts of a language.
 */
const resolveAssets = (language) => ({
  name: "assets",
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: `export const sheet = new CSSStyleSheet; sheet.replaceSync(${JSON.stringify(code.trim())})` };
    });
    const { later, screenshot } = texts[language] ?? {};
    const hasOwnTexts = language == TEXTS_PLACEHOLDER;
    const thumb = drawings.thumbs[0];
    const virtual = { faces, drawings, thumb, texts: later, screenshot, further: later && furtherTexts(language) };
    const names = new RegExp(`^(${Object.keys(virtual).join("|")})$`);
    on.onResolve({ filter: names }, ({ path }) => ({ path, namespace: "virtual" }));
    on.onLoad({ filter: /./, namespace: "virtual" }, ({ path }) => ({
      contents: `export default ${hasOwnTexts && path == "texts" ? TEXTS_PLACEHOLDER : JSON.stringify(virtual[path])}`,
    }));
  },
});

async function bundleOnce(entry, format, language, folder = "src") {
  const output = await build({
    entryPoints: [join(here, folder, entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    charset: "utf8",
    target: "es2022",
    legalComments: "none",
    tsconfigRaw: "{}",
    plugins: [resolveAssets(language)],
  });
  return output.outputFiles[0].text;
}

async function bundle(entry, format, language, folder) {
  const once = await bundleOnce(entry, format, language, folder);
  // Minify again, because esbuild joins declarations of different files only in the second run.
  const { code } = await transform(once, { minify: true, charset: "utf8", target: "es2022" });
  return `${code.trim()}\n`;
}

const compressedSize = (text) =>
  brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  }).length;

/** Return the settings of a site with one language, one chat survey and one article survey; ids have real lengths. */
function sampleSettings(language, later) {
  const createSurvey = (placement, revision) => ({
    revision,
    look: "faces",
    texts: { [language]: texts[language].surveys[placement].faces },
  });
  return JSON.stringify({
    texts: { [language]: texts[language].core },
    surveys: {
      chat_end: createSurvey("chat_end", "0199f0a2-6c1e-7d43-9b52-3fa81c07e6d4"),
      article: createSurvey("article", "0199f0a2-6c25-7a10-8e7f-c4d2905b31fa"),
    },
    later,
    lang: language,
  });
}

/** Minify the served file with terser: it also inlines what is used once, which takes 3 % off after compression. */
const minifyServed = async (code) => (await minify(code, { ecma: 2022, toplevel: true })).code;

const widget = `${BANNER}${await minifyServed(await bundleOnce("widget.js", "iife"))}\n`;
if (widget.split(PLACEHOLDER).length != 2) throw new Error(`The widget must contain ${PLACEHOLDER} once.`);

/** Return a file's export as an expression that the server adds to the files of sites that need it. */
async function bundleExpression(entry, name) {
  const exportStatement = new RegExp(`^([^]*)export\\{([\\w$]+) as ${name}\\};\\n$`);
  const code = (await bundle(entry, "esm")).replace(exportStatement, "(()=>{$1return $2})()");
  if (!code.startsWith("(()")) throw new Error(`${entry} must export ${name} and nothing else.`);
  return code;
}

/** The element of the agents' pages, the same for every site. */
const agent = BANNER + (await bundle("agent.js", "iife", undefined, "agent"));
/** The script of the frame in a help desk; no site's page loads it. */
const frame = BANNER + (await bundle("frame.js", "iife", undefined, "agent"));

const scales = await bundleExpression("looks/scales.js", "dress");

/**
 * Adapters, placements and offers by their name, such as "adapters/crisp": the default export of each is a function of
 * its options.
 */
const extras = Object.fromEntries(
  await Promise.all(
    ["adapters", "placements", "questions", "offers"]
      .flatMap((folder) => listFiles("src", folder).map((file) => `${folder}/${file}`))
      .filter((file) => file.endsWith(".js"))
      .map((file) => file.replace(".js", ""))
      .map(async (name) => [name, await bundleExpression(`${name}.js`, "default")]),
  ),
);

const parts = Object.fromEntries(
  await Promise.all([
    ...["page", "quiet", "hints", "surroundings", "documents", "xhr", "check"].map(async (name) => [
      name,
      await bundle(`later/${name}.js`, "esm"),
    ]),
    ...languages.map(async (code) => [code, await bundle("later/card-states.js", "esm", code)]),
    ...languages.map(async (code) => [`further-${code}`, await bundle("later/further.js", "esm", code)]),
    ...languages.map(async (code) => [`screenshot-${code}`, await bundle("later/screenshot.js", "esm", code)]),
  ]),
);
const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
const later = `-${hash}.js`;

const cardStates = await bundle("later/card-states.js", "esm", TEXTS_PLACEHOLDER);
if (cardStates.split(TEXTS_PLACEHOLDER).length != 2)
  throw new Error(`The card's states must contain ${TEXTS_PLACEHOLDER} once.`);

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
  served: Object.fromEntries(
    languages.map((code) => [code, compressedSize(widget.replace(PLACEHOLDER, sampleSettings(code, later)))]),
  ),
  later: Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, compressedSize(text)])),
  extras: Object.fromEntries(Object.entries(extras).map(([name, code]) => [name, compressedSize(code)])),
  agent: compressedSize(agent),
};
const files = Object.fromEntries(Object.keys(parts).map((name) => [name, name + later]));
const manifest = { widget: "widget.js", later, parts: files, weights };
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

const laterSize = weights.later.page + weights.later.en;
console.log(`served file (en)  ${weights.served.en} of ${CORE_BUDGET} bytes`);
console.log(`later parts (en)  ${laterSize} of ${LATER_BUDGET} bytes:`, weights.later);
console.log(`follow-up questions (en)  ${weights.later["further-en"]} of ${FURTHER_BUDGET} bytes`);
console.log(`surroundings  ${weights.later.surroundings} of ${SURROUNDINGS_BUDGET} bytes`);
console.log(`agent.js  ${weights.agent} of ${AGENT_BUDGET} bytes`);
const isOverBudget =
  weights.served.en > CORE_BUDGET ||
  laterSize > LATER_BUDGET ||
  weights.later["further-en"] > FURTHER_BUDGET ||
  weights.later.surroundings > SURROUNDINGS_BUDGET ||
  weights.agent > AGENT_BUDGET;
if (isOverBudget) {
  console.error("The build exceeds its budget.");
  process.exitCode = 1;
}
