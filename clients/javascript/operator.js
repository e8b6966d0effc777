// The client of the server's API for its operator: users, teams, keys and the audit log.
import { Transport } from "./transport.js";

export class Operator {
  #transport;

  constructor({ baseUrl, operatorToken, timeout = 10_000 }) {
    // One try, because a repeated call would create another link or key.
    this.#transport = new Transport(baseUrl, operatorToken, timeout, 1);
  }

  async users() {
    return (await this.#transport.call("GET", "/users")).users;
  }

  inviteUser(user) {
    return this.#transport.call("POST", "/users", user);
  }

  changeUser(user, change) {
    return this.#transport.call("PATCH", `/users/${user}`, change);
  }

  setRole(user, role, { site = null, agent = null } = {}) {
    return this.#transport.call("PUT", `/users/${user}/role`, { role, site, agent });
  }

  passwordLink(user) {
    return this.#transport.call("POST", `/users/${user}/links`, {});
  }

  async sessions(user) {
    return (await this.#transport.call("GET", `/users/${user}/sessions`)).sessions;
  }

  endSessions(user) {
    return this.#transport.call("DELETE", `/users/${user}/sessions`);
  }

  async teams() {
    return (await this.#transport.call("GET", "/teams")).teams;
  }

  createTeam(name) {
    return this.#transport.call("POST", "/teams", { name });
  }

  removeTeam(team) {
    return this.#transport.call("DELETE", `/teams/${team}`);
  }

  addMember(team, user) {
    return this.#transport.call("PUT", `/teams/${team}/members/${user}`, {});
  }

  removeMember(team, user) {
    return this.#transport.call("DELETE", `/teams/${team}/members/${user}`);
  }

  setTeamRole(team, role, { site = null } = {}) {
    return this.#transport.call("PUT", `/teams/${team}/role`, { role, site });
  }

  async apiKeys(site) {
    return (await this.#transport.call("GET", keysPath(site))).api_keys;
  }

  createApiKey(site, name, { scopes, expiresAt } = {}) {
    return this.#transport.call("POST", keysPath(site), { name, scopes, expires_at: expiresAt });
  }

  rotateApiKey(site, key, { overlapHours = 24 } = {}) {
    return this.#transport.call("POST", `${keysPath(site)}/${key}/rotate`, { overlap_hours: overlapHours });
  }

  revokeApiKey(site, key) {
    return this.#transport.call("DELETE", `${keysPath(site)}/${key}`);
  }

  async signingSecrets(site) {
    return (await this.#transport.call("GET", `/sites/${encodeURIComponent(site)}/signing-secrets`)).signing_secrets;
  }

  audit(filters = {}) {
    return entriesOf(this.#transport, "/audit/server", filters);
  }
}

/** Yield the entries of an audit log, page by page. */
export async function* entriesOf(transport, path, { after = 0, ...filters }) {
  for (let place = after; place !== null;) {
    const page = await transport.call("GET", `${path}?${new URLSearchParams({ ...filters, after: place })}`);
    yield* page.entries;
    place = page.next_after;
  }
}

function keysPath(site) {
  return `/sites/${encodeURIComponent(site)}/api-keys`;
}
