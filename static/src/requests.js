import { runPart } from "./parts.js";
import { base } from "./settings.js";

const TIMEOUT_MS = 20_000;

/**
 * Post to one of the site's endpoints. A text body needs no preflight, and keepalive lets the request outlive the page.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<Response | void>} nothing when no response came
 */
export const post = (path, body) => {
  const request = /** @type {const} */ ([
    `${base}/${path}`,
    { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS), keepalive: true },
  ]);
  try {
    return fetch(...request).then(
      (response) => (response?.status ? response : runPart("xhr", ...request)),
      () => {},
    );
  } catch {
    // The page has its own function of this name, which knows no requests.
    return runPart("xhr", ...request);
  }
};
