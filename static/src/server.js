import { base, settings } from "./settings.js";

/** Text needs no preflight, and keepalive lets the request outlive the page. @param {string} path @param {object} body
 * @returns {Promise<Response | void>} nothing when no answer came */
export const post = (path, body) =>
  fetch(base + path, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2e4),
    keepalive: true,
  }).catch(() => {});

/** Runs a part that is fetched when first needed. Many browsers never ask again for a module that once failed to come, so
 * the next try has another address. Two imports of one module may come in either order, so there is one for each, kept on
 * the function itself: a chat's start goes before its end.
 * @param {string} part @param {...any} given @returns {Promise<any>} */
export const load = (part, ...given) =>
  (/** @type {any} */ (load)[(part += settings.later)] ??= import(base + "../-/" + part)).then(
    (/** @type {any} */ module) => module.default(...given),
    () => {
      settings.later += "?";
    },
  );
