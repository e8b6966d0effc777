// The client of one site's API, for its back end.
import { Refused, TilfredsError, Unreachable } from "./errors.js";
import { entriesOf, Operator } from "./operator.js";
import { agentToken, sign } from "./signing.js";
import { Transport } from "./transport.js";

export { Operator, Refused, TilfredsError, Unreachable, agentToken, sign };

export class Tilfreds {
  #transport;

  constructor({ baseUrl, apiKey, timeout = 10_000, tries = 3 }) {
    this.#transport = new Transport(baseUrl, apiKey, timeout, tries);
  }

  putAgent(agent, fields) {
    return this.#transport.call("PUT", `/agents/${encodeURIComponent(agent)}`, fields);
  }

  revokeAgent(agent) {
    return this.#transport.call("POST", `/agents/${encodeURIComponent(agent)}/revoke`, {});
  }

  agentToken(agent, conversation) {
    return this.#transport.call("POST", "/agent-tokens", { agent, conversation });
  }

  putConversation(conversation, fields = {}) {
    return this.#transport.call("PUT", conversationPath(conversation), fields);
  }

  async addMessages(conversation, messages) {
    return (await this.#transport.call("POST", `${conversationPath(conversation)}/messages`, { messages })).messages;
  }

  editMessage(conversation, message, { text, agent, editedAt }) {
    return this.#transport.call("PATCH", messagePath(conversation, message), { text, agent, edited_at: editedAt });
  }

  removeMessage(conversation, message) {
    return this.#transport.call("DELETE", messagePath(conversation, message));
  }

  async *messages(conversation) {
    let cursor;
    do {
      const query = toQuery({ limit: 500, cursor });
      const page = await this.#transport.call("GET", `${conversationPath(conversation)}/messages?${query}`);
      yield* page.messages;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  end(conversation, { closer, ask, note, endedAt } = {}) {
    return this.#transport.call("POST", `${conversationPath(conversation)}/end`, {
      closer,
      ask,
      note,
      ended_at: endedAt,
    });
  }

  ask(conversation, { agent } = {}) {
    return this.#transport.call("POST", `${conversationPath(conversation)}/ask`, { agent });
  }

  conversation(conversation) {
    return this.#transport.call("GET", conversationPath(conversation));
  }

  async invitations(conversation) {
    return (await this.#transport.call("GET", `${conversationPath(conversation)}/invitations`)).invitations;
  }

  invite(invitation, fields = {}) {
    return this.#transport.call("PUT", `/invitations/${encodeURIComponent(invitation)}`, fields);
  }

  invitation(invitation) {
    return this.#transport.call("GET", `/invitations/${encodeURIComponent(invitation)}`);
  }

  async *votes(filters = {}) {
    let cursor;
    do {
      const page = await this.#transport.call("GET", `/votes?${toQuery({ limit: 200, ...filters, cursor })}`);
      yield* page.votes;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  audit(filters = {}) {
    return entriesOf(this.#transport, "/audit", filters);
  }

  vote(vote) {
    return this.#transport.call("GET", `/votes/${encodeURIComponent(vote)}`);
  }

  async *voteHistory(vote) {
    for (let after = 0; after !== null;) {
      const query = toQuery({ after, limit: 50 });
      const page = await this.#transport.call("GET", `/votes/${encodeURIComponent(vote)}/history?${query}`);
      yield* page.history;
      after = page.next_after;
    }
  }

  exclude(vote, reason, { by } = {}) {
    return this.#transport.call("POST", `/votes/${encodeURIComponent(vote)}/exclude`, { reason, by });
  }

  restore(vote, { by } = {}) {
    return this.#transport.call("POST", `/votes/${encodeURIComponent(vote)}/restore`, { by });
  }

  eraseWords(vote, { by } = {}) {
    return this.#transport.call("POST", `/votes/${encodeURIComponent(vote)}/erase`, { by });
  }

  importConversations(conversations) {
    return this.#transport.call("POST", "/import", { conversations });
  }

  mergeConversations(conversation, into) {
    return this.#transport.call("POST", `/conversations/${encodeURIComponent(conversation)}/merge`, { into });
  }

  mergeVisitors(visitor, into) {
    return this.#transport.call("POST", `/visitors/${encodeURIComponent(visitor)}/merge`, { into });
  }

  eraseVisitor(visitor) {
    return this.#transport.call("POST", `/visitors/${encodeURIComponent(visitor)}/erase`, {});
  }

  exportVisitor(visitor) {
    return this.#transport.call("GET", `/visitors/${encodeURIComponent(visitor)}/export`);
  }

  eraseConversation(conversation) {
    return this.#transport.call("POST", `/conversations/${encodeURIComponent(conversation)}/erase`, {});
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
