import { base, settings } from "./settings.js";

/** Text needs no preflight, and keepalive lets the request outlive the page. Of visitors with Global Privacy Control no view
 * is told; `later/quiet.js` sees to it that storage forgets them. @param {string} path @param {object} body
 * @returns {Promise<Response | void>} nothing when no answer came */
export const post = (path, body) =>
  // @ts-ignore: not every browser knows it
  path == "seen" && navigator.globalPrivacyControl || fetch(base + "/" + path, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2e4),
    keepalive: true,
  }).catch(() => {});

/** Fetches a part. Many browsers never ask again for a module that once failed to come, so the next try has another
 * address. What happens in the page must be heard: that part is asked for until it comes, first after two seconds and then
 * less and less often. @param {string} part @returns {Promise<any>} */
const bring = (part) =>
  import(base + "/../-/" + part + settings.later).catch(() => {
    settings.later += "?";
    return part == "page"
      ? new Promise((done) => setTimeout(done, settings.later.length ** 3)).then(() => bring(part))
      : (/** @type {any} */ (load)[part] = null);
  });

/** Runs a part that is fetched when first needed. Two imports of one module may come in either order, so there is one for
 * each, kept on the function itself: a chat's start goes before its end.
 * @param {string} part @param {...any} given @returns {Promise<any>} nothing when it did not come */
export const load = (part, ...given) =>
  (/** @type {any} */ (load)[part] ||= bring(part)).then((/** @type {any} */ module) => module?.default(...given));
