// The check in the page, for the person who opened it with a link of the console: finds why no faces show, says so in
// an overlay, and reports the causes. No other page loads this part. widget_server/page_checks has the causes.
import { safeDocument } from "../clobbering.js";
import { createOverlay } from "./check/overlay.js";
import { findPageFindings } from "./check/page-findings.js";
import { core } from "./check/widget.js";

/**
 * A cause with the values of its texts.
 * @typedef {{code: string, values?: Record<string, string>}} Finding
 * @typedef {{step: string, weight: "failure" | "note", message: string, fix: string}} Cause
 *
 * The server's answer: its own findings, the settings that decide where faces appear, and the texts.
 * @typedef {{isExpired?: boolean, labels: Record<string, string>, lang: string, dir: string,
 *   causes: Record<string, Cause>, steps: [string, string][], findings: Finding[], kinds: string[],
 *   placements: Record<string, any>, adapters: Record<string, any>, share: number, host: string}} Answer
 */

const PARAMETER = /([?&])tilfreds=([^&]*)&?/;
/** Placements and frameworks need a moment after the load. */
const FIRST_DELAY_MS = 1500;
const INTERVAL_MS = 1000;

/** Return the token of the link, and remove it from the address, so that it is neither shared nor stored. */
const takeToken = () => {
  const { pathname, search, hash } = location;
  const token = PARAMETER.exec(search)?.[2];
  const rest = search.replace(PARAMETER, "$1").replace(/[?&]$/, "");
  if (token) history.replaceState(history.state, "", pathname + rest + hash);
  return token;
};

/** Return the address of the site's endpoints. */
const findBase = () => /^([^?#]*)\.js/.exec(core?.settings.home ?? "")?.[1] ?? "";

/** @type {Finding | undefined} */
let violation;

/**
 * Remember that the page's policy forbids a request to the server.
 * @param {string} host
 */
const watchPolicy = (host) =>
  addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective, disposition }) => {
    if (disposition == "report" || !blockedURI.startsWith(host)) return;
    violation = { code: "policy_connect", values: { directive: effectiveDirective, host } };
  });

/**
 * Report the findings, and return what is wrong with that request itself.
 * @param {string} base
 * @param {string} token
 * @param {Finding[]} findings
 * @param {string} host
 * @returns {Promise<Finding[]>}
 */
const report = async (base, token, findings, host) => {
  const body = JSON.stringify({ token, findings });
  const response = await fetch(`${base}/check`, { method: "POST", body }).catch(() => {});
  // The event of a violation arrives after the failed request.
  if (!response) await new Promise((resolve) => setTimeout(resolve));
  if (violation) return [violation];
  return response ? [] : [{ code: "request_failed", values: { host } }];
};

const whenLoaded = () =>
  new Promise((resolve) => {
    if (safeDocument.readyState == "complete") resolve(0);
    else addEventListener("load", resolve);
  });

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Check, show and report until the overlay is closed, because a chat or a scroll changes the result.
 * @param {string} base
 * @param {string} token
 * @param {Answer} answer
 */
const follow = async (base, token, answer) => {
  const overlay = createOverlay(answer);
  let last = "";
  /** @type {Finding[]} */
  let ownFindings = [];
  await whenLoaded();
  await pause(FIRST_DELAY_MS);
  while (overlay.isOpen()) {
    const findings = [...answer.findings, ...findPageFindings(answer)];
    const text = JSON.stringify(findings);
    if (text != last) {
      last = text;
      ownFindings = await report(base, token, [...findings, ...ownFindings], answer.host);
      overlay.show([...findings, ...ownFindings]);
    }
    await pause(INTERVAL_MS);
  }
};

/** @param {string} [base] of a key that no site has, from its file */
export default async (base = findBase()) => {
  const token = takeToken();
  if (!token) return;
  watchPolicy(new URL(base, location.href).origin);
  /** @type {{default: Answer}} */
  const { default: answer } = await import(`${base}/check.js?tilfreds=${token}`);
  if (answer.isExpired) createOverlay(answer).say(answer.labels.expired);
  else await follow(base, token, answer);
};
