import assert from "node:assert/strict";
import test from "node:test";
import { settings } from "./page.js";

/** [address of the file, base address of its endpoints, the site's key] */
const FILES = [
  ["https://rate.example/w/k3yAbc.js", "https://rate.example/w/k3yAbc", "k3yAbc"],
  ["https://rate.example/w/k3yAbc.js?look=faces&at=/a.b", "https://rate.example/w/k3yAbc", "k3yAbc"],
  ["https://rate.example/w/k3yAbc.js?from=/other/page.js#/x.js", "https://rate.example/w/k3yAbc", "k3yAbc"],
  ["https://cdn.js.example/w/k3yAbc.js", "https://cdn.js.example/w/k3yAbc", "k3yAbc"],
  ["https://rate.example/sub/w/k3yAbc.js", "https://rate.example/sub/w/k3yAbc", "k3yAbc"],
  ["https://js.rate.example/help/faces-k3yAbc.js", "https://js.rate.example/help/faces-k3yAbc", "k3yAbc"],
  ["http://[::1]:8000/a/b-c/k3yAbc.js#x", "http://[::1]:8000/a/b-c/k3yAbc", "k3yAbc"],
];

for (const [at, [address, base, key]] of FILES.entries())
  test(`the file at ${address} knows its key and its endpoints`, async () => {
    document.currentScript.src = address;
    delete settings.home;
    const file = await import(`../../static/src/settings.js?${at}`);
    assert.deepEqual([file.base, file.key], [base, key]);
  });
