// Requests of a page whose own function is called `fetch`.

const TIMEOUT_MS = 20_000;
/** The headers that the widget reads. */
const HEADERS = ["content-type", "retry-after"];

/**
 * Send a request, and return its response, or nothing when none came.
 * @param {string} url
 * @param {{method: string, body: string}} options
 * @returns {Promise<Response | void>}
 */
export default (url, { method, body }) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = TIMEOUT_MS;
    request.onloadend = () => {
      const { status, responseText } = request;
      const headers = Object.fromEntries(HEADERS.map((name) => [name, request.getResponseHeader(name) ?? ""]));
      // Without a response the status is 0.
      resolve(status ? new Response(responseText || null, { status, headers }) : undefined);
    };
    request.send(body);
  });
