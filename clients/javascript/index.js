// The API of one site, as its back end uses it.
import { Refused, TilfredsError, Unreachable } from "./errors.js";
import { agentToken, sign } from "./signing.js";

export { Refused, TilfredsError, Unreachable, agentToken, sign };

/** Worth another try: too many calls, a server that restarts, a database that is away. */
const PASSING = [429, 502, 503, 504];
/** Milliseconds. Nobody waits longer for one more try; a server that asks for more is told of as it answered. */
const MAX_WAIT_MS = 10_000;
const BREATH = 500;

export class Tilfreds {
  #api;
  #headers;
  #timeout;
  #tries;

  constructor({ baseUrl, apiKey, timeout = 10_000, tries = 3 }) {
    if (!/^https?:\/\//.test(baseUrl)) throw new TypeError("`baseUrl` is the address of your Tilfreds, such as https://tilfreds.example");
    this.#api = `${baseUrl.replace(/\/+$/, "")}/api/v1`;
    this.#headers = { Authorization: `Bearer ${apiKey}`, Accept: "application/json" };
    this.#timeout = timeout;
    this.#tries = Math.max(1, tries);
  }

  putAgent(agent, fields) {
    return this.#call("PUT", `/agents/${encodeURIComponent(agent)}`, fields);
  }

  revokeAgent(agent) {
    return this.#call("POST", `/agents/${encodeURIComponent(agent)}/revoke`, {});
  }

  agentToken(agent, conversation) {
    return this.#call("POST", "/agent-tokens", { agent, conversation });
  }

  putConversation(conversation, fields = {}) {
    return this.#call("PUT", at(conversation), fields);
  }

  async addMessages(conversation, messages) {
    return (await this.#call("POST", `${at(conversation)}/messages`, { messages })).messages;
  }

  end(conversation, { closer, ask, note, endedAt } = {}) {
    return this.#call("POST", `${at(conversation)}/end`, { closer, ask, note, ended_at: endedAt });
  }

  ask(conversation, { agent } = {}) {
    return this.#call("POST", `${at(conversation)}/ask`, { agent });
  }

  conversation(conversation) {
    return this.#call("GET", at(conversation));
  }

  async invitations(conversation) {
    return (await this.#call("GET", `${at(conversation)}/invitations`)).invitations;
  }

  invite(invitation, fields = {}) {
    return this.#call("PUT", `/invitations/${encodeURIComponent(invitation)}`, fields);
  }

  invitation(invitation) {
    return this.#call("GET", `/invitations/${encodeURIComponent(invitation)}`);
  }

  async *votes(filters = {}) {
    let cursor;
    do {
      const page = await this.#call("GET", `/votes?${query({ limit: 200, ...filters, cursor })}`);
      yield* page.votes;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  vote(vote) {
    return this.#call("GET", `/votes/${encodeURIComponent(vote)}`);
  }

  exclude(vote, reason, { by } = {}) {
    return this.#call("POST", `/votes/${encodeURIComponent(vote)}/exclude`, { reason, by });
  }

  restore(vote, { by } = {}) {
    return this.#call("POST", `/votes/${encodeURIComponent(vote)}/restore`, { by });
  }

  eraseVisitor(visitor) {
    return this.#call("POST", `/visitors/${encodeURIComponent(visitor)}/erase`, {});
  }

  async #call(method, path, body) {
    for (let left = this.#tries - 1; ; left--) {
      try {
        return await this.#once(method, path, body);
      } catch (error) {
        const passing = error instanceof Unreachable || PASSING.includes(error.status);
        const wait = typeof error.retryAfter == "number" ? error.retryAfter * 1000 : BREATH;
        if (!left || !passing || wait > MAX_WAIT_MS) throw error;
        await new Promise((done) => setTimeout(done, wait));
      }
    }
  }

  async #once(method, path, body) {
    // A moment becomes a text of RFC 3339 here, and what is undefined is left out. No redirect is followed: it is a refusal.
    const content = body && JSON.stringify(body);
    const headers = content ? { ...this.#headers, "Content-Type": "application/json" } : this.#headers;
    let response, text;
    try {
      response = await fetch(this.#api + path, { method, headers, body: content, redirect: "manual", signal: AbortSignal.timeout(this.#timeout) });
      text = await response.text();
    } catch (cause) {
      throw new Unreachable(`${method} ${path}: no answer of ${this.#api} (${cause.message})`, { cause });
    }
    if (response.ok) return text ? JSON.parse(text) : null;
    const wait = response.headers.get("Retry-After");
    throw new Refused(response.status, problemIn(text, response), /^\d+$/.test(wait ?? "") ? Number(wait) : null);
  }
}

function at(conversation) {
  return `/conversations/${encodeURIComponent(conversation)}`;
}

function query(filters) {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined && value !== null);
  return new URLSearchParams(given.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]));
}

/** A proxy's page holds no problem: it is told of by its status. */
function problemIn(text, response) {
  try {
    const problem = JSON.parse(text);
    if (problem && typeof problem == "object") return problem;
  } catch {}
  return { detail: `An answer without a reason: ${response.statusText}` };
}
