// Tests the built widget with the rows of ../rule_cases.json that a page decides; tests/rule_cases.py has the others.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const ruleCases = JSON.parse(read("../rule_cases.json"));
const dist = "../../static/dist/";
const { later } = JSON.parse(read(`${dist}manifest.json`));
const texts = JSON.parse(read("../../static/texts/en.json"));
const widget = read(`${dist}widget.js`).replaceAll("import(", "bring(");
const HOUR = 3600e3;

/** The parts of an element that the widget uses before a press. */
class Node {
  children = [];
  attributes = [];
  append(...nodes) {
    this.children.push(...nodes);
    for (const node of nodes) if (typeof node == "object") node.parent = this;
  }
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }
  remove() {
    this.parent.children = this.parent.children.filter((one) => one != this);
  }
  setAttribute() {}
  getRootNode() {
    return Object.create({});
  }
  closest() {}
  dispatchEvent() {}
  attachShadow() {
    return (this.shadowRoot = new Node());
  }
  *all() {
    yield this;
    for (const one of this.children) if (one.all) yield* one.all();
  }
}

/** A browser with its storage and clock. */
class Browser {
  storage = {};
  now = 1e12;

  /** Open a page at `path` with a tag, and wait until everything has loaded. */
  async open({ survey = true, share, draw = 0, gpc, agent, path = "/returns" } = {}) {
    const page = { sent: [], fetched: [], views: [] };
    const settings = {
      lang: "en",
      surveys: survey ? { article: { revision: "r", look: "faces", texts: { en: texts.surveys.article.faces } } } : {},
      texts: { en: texts.core },
      ...(share == null ? {} : { share }),
      later,
    };
    const defined = {};
    const browser = this;
    const inside = vm.createContext({
      document: Object.create({
        currentScript: { src: "https://ratings.example/w/KEY.js" },
        createElement: () => new Node(),
        createElementNS: () => new Node(),
        createEvent: () => ({ constructor: class {} }),
        addEventListener() {},
        querySelector() {},
      }),
      MutationObserver: class {
        observe() {}
      },
      customElements: { get: (tag) => defined[tag], define: (tag, element) => (defined[tag] = element) },
      HTMLElement: Node,
      CSSStyleSheet: class {
        replaceSync() {}
      },
      URL,
      IntersectionObserver: class {
        constructor(seen) {
          page.views.push((isVisible) => seen([{ intersectionRatio: isVisible ? 1 : 0, intersectionRect: { height: 0 } }]));
        }
        observe() {}
        disconnect() {}
      },
      innerHeight: 600,
      AbortSignal,
      location: { pathname: path, hash: "", origin: "https://shop.example", protocol: "https:" },
      localStorage: browser.storage,
      navigator: { userAgent: agent, language: "en", ...(gpc ? { globalPrivacyControl: true } : {}) },
      addEventListener() {},
      setTimeout() {},
      setInterval() {},
      console: { info: (said) => (page.said = said) },
      fetch: async (address) => {
        page.sent.push(address.split("/").pop());
        return new Response(null, { status: 204 });
      },
      bring: async (address) => {
        const name = address.split("/").pop();
        page.fetched.push(name);
        const code = read(dist + name)
          .replace(/export\s*\{(\w+) as default\};?/, "return $1")
          .replaceAll("import.meta.url", JSON.stringify(address))
          .replaceAll("import(", "bring(");
        return { default: vm.runInContext(`(()=>{${code}})()`, inside) };
      },
      Date: { now: () => browser.now },
    });
    inside.self = inside;
    vm.runInContext("Math", inside).random = () => draw;
    vm.runInContext(widget.replace("__TILFREDS_SETTINGS__", JSON.stringify(settings)), inside);
    const rating = new defined["tilfreds-rating"]();
    rating.connectedCallback();
    await settle();
    page.find = (part) => [...rating.shadowRoot.all()].find((node) => node.part == part);
    return page;
  }

  /** Dismiss the survey of a page. */
  async dismiss(path) {
    const page = await this.open({ path });
    page.find("close").onclick();
    await settle();
    assert.equal(page.find("card"), undefined);
  }
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
};

for (const { rule, says, page: facts, verdict } of ruleCases.asked.filter(({ page }) => page))
  test(`${rule}: ${says}`, async () => {
    const { dismissed_hours, dismissed_elsewhere_hours, ...settings } = facts;
    const browser = new Browser();
    if (dismissed_hours != null) await browser.dismiss();
    if (dismissed_elsewhere_hours != null) await browser.dismiss("/sizes");
    browser.now += (dismissed_hours ?? dismissed_elsewhere_hours ?? 0) * HOUR;
    const page = await browser.open(settings);
    assert.equal(Boolean(page.find("card")), verdict);
    if (rule == "no_survey" && !verdict) assert.match(page.said, /No open survey asks about article/);
    assert.deepEqual(page.sent, [], "nothing is sent before the card is visible");
  });

for (const { says, agent, gpc, what, happens, told } of ruleCases.counted)
  test(`reported: ${says}`, async () => {
    const page = await new Browser().open({ agent, gpc });
    assert.ok(page.find("card"), "the card is shown in any case");
    if (what == "seen") page.views.forEach((view) => view(happens));
    else page.find("close").onclick();
    await settle();
    assert.deepEqual(page.sent, told ? [what] : []);
  });

test("only a browser with Global Privacy Control fetches its part", async () => {
  for (const gpc of [true, false]) {
    const page = await new Browser().open({ gpc });
    page.find("close").onclick();
    await settle();
    assert.equal(page.fetched.includes(`quiet${later}`), gpc);
  }
});
