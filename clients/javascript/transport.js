// Calls of the API: tries, time limits and errors.
import { Refused, Unreachable } from "./errors.js";

/** Temporary failures, which are tried again: too many calls, a restarting server, an unavailable database. */
const TEMPORARY_STATUSES = [429, 502, 503, 504];
/** If the server asks for a longer wait, the call fails with its response. */
const MAX_WAIT_MS = 10_000;
const DEFAULT_WAIT_MS = 500;

export class Transport {
  #api;
  #headers;
  #timeout;
  #tries;

  constructor(baseUrl, token, timeout, tries) {
    if (!/^https?:\/\//.test(baseUrl))
      throw new TypeError("`baseUrl` must be the address of your Tilfreds server, such as https://tilfreds.example");
    this.#api = `${baseUrl.replace(/\/+$/, "")}/api/v1`;
    this.#headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    this.#timeout = timeout;
    this.#tries = Math.max(1, tries);
  }

  async call(method, path, body) {
    for (let remainingTries = this.#tries - 1; ; remainingTries--) {
      try {
        return await this.#send(method, path, body);
      } catch (error) {
        const isTemporary = error instanceof Unreachable || TEMPORARY_STATUSES.includes(error.status);
        const waitMs = typeof error.retryAfter == "number" ? error.retryAfter * 1000 : DEFAULT_WAIT_MS;
        if (!remainingTries || !isTemporary || waitMs > MAX_WAIT_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  async #send(method, path, body) {
    // JSON turns a Date into a text of RFC 3339 and leaves out undefined fields. A redirect is an error, because it
    // would carry the key away.
    const content = body && JSON.stringify(body);
    const headers = content ? { ...this.#headers, "Content-Type": "application/json" } : this.#headers;
    let response, text;
    try {
      response = await fetch(this.#api + path, {
        method,
        headers,
        body: content,
        redirect: "manual",
        signal: AbortSignal.timeout(this.#timeout),
      });
      text = await response.text();
    } catch (cause) {
      throw new Unreachable(`${method} ${path}: no response from ${this.#api} (${cause.message})`, { cause });
    }
    if (response.ok) return text ? JSON.parse(text) : null;
    const retryAfter = response.headers.get("Retry-After");
    throw new Refused(
      response.status,
      parseProblem(text, response),
      /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null,
    );
  }
}

/** Return the problem of a response. A proxy's page has none, so the status text is used. */
function parseProblem(text, response) {
  try {
    const problem = JSON.parse(text);
    if (problem && typeof problem == "object") return problem;
  } catch {}
  return { detail: `The response has no problem document: ${response.statusText}` };
}
