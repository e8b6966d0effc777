// Simulates a page without a browser, for the files of static/src that draw nothing.
import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Storage that throws when `broken` or `full` is set. */
class Storage {
  static make() {
    return new Proxy(new Storage(), {
      get: (storage, key) => (storage.broken ? Storage.fail() : Reflect.get(storage, key)),
      set: (storage, key, value) => {
        if (key == "broken") return Reflect.set(storage, key, value);
        if (storage.broken || storage.full) return key == "full" ? Reflect.set(storage, key, value) : Storage.fail();
        return Reflect.set(storage, key, key == "full" ? value : String(value));
      },
    });
  }

  static fail() {
    throw new DOMException("no storage", "SecurityError");
  }
}

const folder = mkdtempSync(join(tmpdir(), "widget-"));
mkdirSync(join(folder, "w", "-"), { recursive: true });

/** The settings in the site's file. */
export const settings = {
  lang: "en",
  surveys: { chat_end: { revision: "r1" }, article: { revision: "r2" } },
  texts: {},
  later: "-1.js",
};

/** The sent bodies, and the next responses. */
export const server = {
  sent: [],
  answers: [],
  /** Set the next responses, in order; the last one repeats. An Error is a network failure. */
  will(...answers) {
    server.answers = answers;
    server.sent = [];
  },
};

/** A response of the server: an error is a problem document. */
export const reply = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": status < 400 ? "application/json" : "application/problem+json", ...headers } });
export const receipt = (rev, score, more) => ({ vote: "v", rev, score, comment: false, status: "saved", ...more });

const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });

define("__TILFREDS_SETTINGS__", settings);
// As in a browser, the properties are the prototype's.
define(
  "document",
  Object.create({
    currentScript: { src: String(pathToFileURL(join(folder, "w", "KEY.js"))) },
    documentElement: { lang: "da" },
  }),
);
define("location", { origin: "https://shop.example", pathname: "/chat" });
define("localStorage", Storage.make());
define("sessionStorage", Storage.make());
define("addEventListener", () => {});
define("navigator", {});
define("fetch", async (address, { body }) => {
  server.sent.push({ path: address.split("/").pop(), ...JSON.parse(body) });
  const answer = server.answers.length > 1 ? server.answers.shift() : server.answers[0];
  if (answer instanceof Error) throw answer;
  return answer.clone();
});

/** Lays the part of a language where the widget asks for it; it records what it was given. */
export const part = (name, text) => writeFileSync(join(folder, "w", "-", name), text);

/** Lets everything that is under way come to its end, the parts that are read from the disk too. */
export async function settle() {
  const { parts } = await import("../../static/src/parts.js");
  await Promise.race([Promise.allSettled(Object.values(parts)), new Promise((done) => setImmediate(done))]);
  await new Promise((done) => setImmediate(() => setImmediate(done)));
}
