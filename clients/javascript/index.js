// The client of one site's API, for its back end.
import { Refused, TilfredsError, Unreachable } from "./errors.js";
import { agentToken, sign } from "./signing.js";

export { Refused, TilfredsError, Unreachable, agentToken, sign };

/** Temporary failures, which are tried again: too many calls, a restarting server, an unavailable database. */
const TEMPORARY_STATUSES = [429, 502, 503, 504];
/** If the server asks for a longer wait, the call fails with its response. */
const MAX_WAIT_MS = 10_000;
const DEFAULT_WAIT_MS = 500;

export class Tilfreds {
  #api;
  #headers;
  #timeout;
  #tries;

  constructor({ baseUrl, apiKey, timeout = 10_000, tries = 3 }) {
    if (!/^https?:\/\//.test(baseUrl))
      throw new TypeError("`baseUrl` must be the address of your Tilfreds server, such as https://tilfreds.example");
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
    return this.#call("PUT", conversationPath(conversation), fields);
  }

  async addMessages(conversation, messages) {
    return (await this.#call("POST", `${conversationPath(conversation)}/messages`, { messages })).messages;
  }

  editMessage(conversation, message, { text, agent, editedAt }) {
    return this.#call("PATCH", messagePath(conversation, message), { text, agent, edited_at: editedAt });
  }

  removeMessage(conversation, message) {
    return this.#call("DELETE", messagePath(conversation, message));
  }

  async *messages(conversation) {
    let cursor;
    do {
      const query = toQuery({ limit: 500, cursor });
      const page = await this.#call("GET", `${conversationPath(conversation)}/messages?${query}`);
      yield* page.messages;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  end(conversation, { closer, ask, note, endedAt } = {}) {
    return this.#call("POST", `${conversationPath(conversation)}/end`, { closer, ask, note, ended_at: endedAt });
  }

  ask(conversation, { agent } = {}) {
    return this.#call("POST", `${conversationPath(conversation)}/ask`, { agent });
  }

  conversation(conversation) {
    return this.#call("GET", conversationPath(conversation));
  }

  async invitations(conversation) {
    return (await this.#call("GET", `${conversationPath(conversation)}/invitations`)).invitations;
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
      const page = await this.#call("GET", `/votes?${toQuery({ limit: 200, ...filters, cursor })}`);
      yield* page.votes;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  vote(vote) {
    return this.#call("GET", `/votes/${encodeURIComponent(vote)}`);
  }

  async *voteHistory(vote) {
    for (let after = 0; after !== null;) {
      const query = toQuery({ after, limit: 50 });
      const page = await this.#call("GET", `/votes/${encodeURIComponent(vote)}/history?${query}`);
      yield* page.history;
      after = page.next_after;
    }
  }

  exclude(vote, reason, { by } = {}) {
    return this.#call("POST", `/votes/${encodeURIComponent(vote)}/exclude`, { reason, by });
  }

  restore(vote, { by } = {}) {
    return this.#call("POST", `/votes/${encodeURIComponent(vote)}/restore`, { by });
  }

  eraseWords(vote, { by } = {}) {
    return this.#call("POST", `/votes/${encodeURIComponent(vote)}/erase`, { by });
  }

  importConversations(conversations) {
    return this.#call("POST", "/import", { conversations });
  }

  mergeConversations(conversation, into) {
    return this.#call("POST", `/conversations/${encodeURIComponent(conversation)}/merge`, { into });
  }

  mergeVisitors(visitor, into) {
    return this.#call("POST", `/visitors/${encodeURIComponent(visitor)}/merge`, { into });
  }

  eraseVisitor(visitor) {
    return this.#call("POST", `/visitors/${encodeURIComponent(visitor)}/erase`, {});
  }

  exportVisitor(visitor) {
    return this.#call("GET", `/visitors/${encodeURIComponent(visitor)}/export`);
  }

  eraseConversation(conversation) {
    return this.#call("POST", `/conversations/${encodeURIComponent(conversation)}/erase`, {});
  }

  async #call(method, path, body) {
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

function conversationPath(conversation) {
  return `/conversations/${encodeURIComponent(conversation)}`;
}

function messagePath(conversation, message) {
  return `${conversationPath(conversation)}/messages/${encodeURIComponent(message)}`;
}

function toQuery(filters) {
  const entries = Object.entries(filters).filter(([, value]) => value !== undefined && value !== null);
  return new URLSearchParams(
    entries.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]),
  );
}

/** Return the problem of a response. A proxy's page has none, so the status text is used. */
function parseProblem(text, response) {
  try {
    const problem = JSON.parse(text);
    if (problem && typeof problem == "object") return problem;
  } catch {}
  return { detail: `The response has no problem document: ${response.statusText}` };
}
