import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import "./page.js";

const { safeDocument, unclobbered } = await import("../../static/src/clobbering.js");
const { page } = await import("../../static/src/chat-adapter.js");

/** A form as browsers make it: its fields hide the properties of its prototype. */
class Form {
  #children = [];
  get lang() {
    return "da";
  }
  append(child) {
    this.#children.push(child);
    return this.#children.length;
  }
}

test("a field's name does not replace a property", () => {
  const form = new Form();
  for (const name of ["lang", "append", "action"])
    Object.defineProperty(form, name, { value: { name }, configurable: true });

  const { lang, append, action } = unclobbered(form);

  assert.equal(lang, "da");
  assert.equal(append("a"), 1);
  assert.equal(action, undefined);
});

test("the document's properties are those of the browser", () => {
  const { currentScript } = document;
  Object.defineProperty(document, "currentScript", {
    value: { src: "https://stranger.example/w/KEY.js" },
    configurable: true,
  });

  assert.equal(safeDocument.currentScript, currentScript);
});

test("a vendor's variable is one that a script defined, and no element of that name", () => {
  const inherited = Object.getPrototypeOf(globalThis);
  Object.defineProperty(inherited, "Vendor", { value: "an element", configurable: true, writable: true });
  assert.equal(page.Vendor, undefined);

  globalThis.Vendor = { on() {} };

  assert.equal(page.Vendor, globalThis.Vendor);
  delete globalThis.Vendor;
  delete inherited.Vendor;
});

test("no file reads the document but through the safe view of it", () => {
  for (const folder of ["src", "agent"]) {
    const root = join(import.meta.dirname, "../../static", folder);
    const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".js"));
    assert.ok(files.length > 3);
    for (const name of files)
      assert.doesNotMatch(readFileSync(join(root, name), "utf8"), /\bdocument\??\.|\{[^}]*\} = document\b/, name);
  }
});
