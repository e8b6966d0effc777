/** A timestamp: a Date, or a text of RFC 3339 with a UTC offset. */
export type Moment = Date | string;

export interface Signed {
  visitor: string;
  signature: string;
  /** Unix seconds, as a text for the tag's attribute. A body in JSON needs a number. */
  expires: string;
}

/**
 * Return the attributes `visitor`, `signature` and `expires` of the tag, or of the `detail` of `tilfreds:end`. `expires` is in
 * Unix seconds, by default an hour from now. Without `kind` and `subject` the signature verifies the visitor, and all
 * conversations that were created for them. A person with `role: "staff"` is never asked.
 */
export function sign(what: {
  secret: string;
  siteKey: string;
  visitor: string;
  expires?: number;
  kind?: string;
  subject?: string;
  role?: "visitor" | "staff";
}): Promise<Signed>;

/**
 * Return a token for `<tilfreds-ratings>` in a helpdesk's page, for the agent who is signed in there. It opens `conversation`, or by
 * default all conversations in which the agent wrote. `issued` and `expires` are in Unix seconds, by default now and 15 minutes
 * later, which is the maximum. Rejects with RangeError for a longer time.
 */
export function agentToken(what: {
  secret: string;
  siteKey: string;
  agent: string;
  conversation?: string;
  issued?: number;
  expires?: number;
}): Promise<string>;

/** The base class of the errors below. */
export class TilfredsError extends Error {}
/** No try received a response. The call may have been executed; sending it again is safe. */
export class Unreachable extends TilfredsError {}
/** The server rejected the call with an RFC 9457 problem. */
export class Refused extends TilfredsError {
  readonly status: number;
  /** Stable code for programs. */
  readonly code: string;
  /** Sentence for people. */
  readonly detail: string;
  /** JSON pointer to the wrong field, such as `/visitor`. */
  readonly pointer: string | null;
  /** Seconds to wait before another try, if waiting helps. */
  readonly retryAfter: number | null;
}

export interface Agent {
  external_id: string;
  name: string;
  team: string | null;
  email: string | null;
  visitor: string | null;
  valid_after: string | null;
}

export interface AgentToken {
  token: string;
  expires_at: string;
  live_url: string;
}

export interface ConversationFields {
  visitor?: string;
  /** Result of `tilfreds.browser()` in the page. */
  browser?: string;
  title?: string;
  channel?:
    "chat" | "phone" | "email" | "in_person" | "whatsapp" | "sms" | "telegram" | "messenger" | "social" | "other";
  customer_reference?: string;
  case_type?: string;
  product_area?: string;
  touchpoint?: string;
  team?: string;
  language?: string;
  page?: string;
  custom_fields?: Record<string, string>;
  queued_at?: Moment;
  accepted_at?: Moment;
  escalated_at?: Moment;
}

export interface MessageIn {
  external_id: string;
  author: "visitor" | "agent" | "bot" | "system";
  text: string;
  agent?: string | null;
  sent_at?: Moment | null;
  /** Time of this text, if it was edited. */
  edited_at?: Moment | null;
}

export interface StoredMessage {
  external_id: string;
  id: string;
  /** Number of its segment. */
  segment: number;
}

export interface ChangedMessage extends StoredMessage {
  edited_at: string | null;
  removed_at: string | null;
}

export interface MessageLine extends ChangedMessage {
  author: "visitor" | "agent" | "bot" | "system";
  /** The agent's name. */
  agent: string | null;
  text: string;
  sent_at: string;
}

/** What each imported conversation added, and what is wrong with the others. */
export interface ImportResult {
  imported: { external_id: string; segments: number; messages: number; ratings: number }[];
  rejected: { position: number; external_id: unknown; code: string; detail: string; pointer: string | null }[];
}

/** The decision at the end of a segment: `reason` is a stable code, `reason_text` is for people. */
export interface End {
  segment: number;
  asked: boolean;
  status: string;
  reason: string | null;
  reason_text: string | null;
}

export interface Rating {
  /** null after the visitor removed it. */
  answer: { score: number; sentiment: "positive" | "neutral" | "negative"; word: string } | null;
  comment: string | null;
  reasons: { reason: string; word: string }[];
  answers: Record<string, unknown>[];
  verified: boolean;
  status: "counted" | "suspected" | "excluded";
  /** When anything of it changed last. */
  updated_at: string;
  /** When the words and the picture were erased. */
  erased_at: string | null;
}

export interface Vote extends Rating {
  id: string;
  kind: string;
  /** Id of the conversation, or path or name of the rated subject. */
  subject: string | null;
  segment: number | null;
  channel: string;
  visitor: string | null;
  agents: string[];
  /** Ids of the same agents; null: removed. */
  agent_ids: (string | null)[];
  team: string | null;
  voted_on: string;
}

export interface Segment {
  number: number;
  status: "rated" | "removed" | "waiting" | "dismissed" | "withdrawn" | "expired" | "not_asked" | "undecided" | "open";
  /** Id of the message above the rating. */
  pin: string | null;
  messages: Record<string, unknown>[];
  agents: string[];
  /** Ids of the same agents; null: removed. */
  agent_ids: (string | null)[];
  rating: Rating | null;
}

export interface Conversation {
  external_id: string | null;
  channel: string;
  segments: Segment[];
}

export interface Invitation {
  segment: number;
  status: string;
  reason: string | null;
  reason_text: string | null;
  proof: string;
  context: Record<string, unknown>;
}

export interface VoteFilters {
  /**
   * The least recently changed come first, with removed, excluded and erased ones. Pass the last `updated_at` the next
   * time; that vote comes again.
   */
  changed_since?: Moment;
  since?: Moment;
  until?: Moment;
  score?: number;
  agent?: string;
  channel?: string;
  survey?: string;
  subject?: string;
  kind?: string;
  verified?: boolean;
  status?: "counted" | "suspected" | "excluded";
  recovery?: boolean;
  /** Votes per page, at most 200. */
  limit?: number;
}

/**
 * A client with an API key of the site. A call that fails temporarily is tried up to `tries` times; every call may be repeated safely.
 * A try waits `timeout` milliseconds for its response. Rejects with `Refused` or `Unreachable`.
 */
export class Tilfreds {
  constructor(options: { baseUrl: string; apiKey: string; timeout?: number; tries?: number });
  /** Create or change an agent; `visitor` is the agent's id as a visitor. */
  putAgent(
    agent: string,
    fields: { name?: string; team?: string | null; email?: string | null; visitor?: string | null },
  ): Promise<Agent>;
  /** Revoke all agent tokens of an agent created until now. */
  revokeAgent(agent: string): Promise<Agent>;
  /** Create a token for the agent's page on the server. */
  agentToken(agent: string, conversation?: string): Promise<AgentToken>;
  /** Create or change a conversation; missing fields stay unchanged. */
  putConversation(conversation: string, fields?: ConversationFields): Promise<Record<string, unknown>>;
  /** Add up to 500 messages, in any order. One that is stored already takes the newest text. */
  addMessages(conversation: string, messages: MessageIn[]): Promise<StoredMessage[]>;
  /** Change the text or the agent of a message. `editedAt` is now by default. */
  editMessage(
    conversation: string,
    message: string,
    change: { text?: string; agent?: string | null; editedAt?: Moment },
  ): Promise<ChangedMessage>;
  /** Delete the text and the agent of a message, which keeps its place and does not come back. */
  removeMessage(conversation: string, message: string): Promise<ChangedMessage>;
  /** Yield the messages of a conversation, newest first. Pages are requested as the caller needs them. */
  messages(conversation: string): AsyncGenerator<MessageLine, void, undefined>;
  /** End the open segment and return whether the visitor is asked. Ending it again returns the first decision. */
  end(
    conversation: string,
    options?: { closer?: string; ask?: boolean; note?: string; endedAt?: Moment },
  ): Promise<End>;
  /** Ask now, by an agent's decision, whatever the optional rules decide. Asking again has no effect. */
  ask(conversation: string, options?: { agent?: string }): Promise<End>;
  /** Return a conversation with its segments, messages and ratings. */
  conversation(conversation: string): Promise<Conversation>;
  /** Return the invitations of a conversation, and the decisions not to ask with their reasons. */
  invitations(conversation: string): Promise<Invitation[]>;
  /** Invite a visitor without a conversation, with an id of yours. `token` is only for this person; `asks` is the survey to draw. */
  invite(
    invitation: string,
    fields?: Omit<ConversationFields, "browser" | "queued_at" | "accepted_at" | "escalated_at"> & { agents?: string[] },
  ): Promise<{ id: string; status: string; token: string; expires_at: string; asks: Record<string, unknown> }>;
  /** Return an invitation; `vote` is the id of its vote. */
  invitation(invitation: string): Promise<{ id: string; status: string; vote: string | null }>;
  /** Yield the votes that match all filters, newest first. Pages are requested as the caller needs them. */
  votes(filters?: VoteFilters): AsyncGenerator<Vote, void, undefined>;
  vote(vote: string): Promise<Vote>;
  /** Yield the stored answers of a vote, oldest first. */
  voteHistory(vote: string): AsyncGenerator<Record<string, unknown>, void, undefined>;
  /** Exclude a vote from the scores. It stays visible, with the reason. */
  exclude(vote: string, reason: string, options?: { by?: string }): Promise<Vote>;
  /** Restore an excluded vote to the scores. */
  restore(vote: string, options?: { by?: string }): Promise<Vote>;
  /** Erase the words and the picture of a vote for good. The score stays and cannot be changed any more. */
  eraseWords(vote: string, options?: { by?: string }): Promise<Vote>;
  /** Import up to 100 conversations of another system, with their ratings; see docs/guides/importing.md. */
  importConversations(conversations: Record<string, unknown>[]): Promise<ImportResult>;
  /** Move all segments, messages and ratings of a conversation to another one, and delete the first. */
  mergeConversations(conversation: string, into: string): Promise<Record<string, unknown>>;
  /** Move all conversations and ratings of a visitor to another one who is the same person. */
  mergeVisitors(visitor: string, into: string): Promise<{ conversations: number }>;
  /** Erase a visitor: names, references, messages and comments are deleted, votes stay as counts. */
  eraseVisitor(visitor: string): Promise<{ conversations: number }>;
  /** Return everything that the site holds of a visitor, such as for a request of access. */
  exportVisitor(visitor: string): Promise<Record<string, unknown>>;
  /** Erase what a conversation contains; its scores stay. */
  eraseConversation(conversation: string): Promise<void>;
  /** Yield the entries of the site's audit log after a number, the oldest first. It needs the scope `audit`. */
  audit(filters?: AuditFilters): AsyncGenerator<Record<string, unknown>, void, undefined>;
}

export interface AuditFilters {
  /** The number after which the entries begin. */
  after?: number;
  group?: string;
  limit?: number;
}

type Role = "owner" | "admin" | "analyst" | "agent";

/** A client with an operator token (`tilfreds operator-token`). A call is tried once. */
export class Operator {
  constructor(options: { baseUrl: string; operatorToken: string; timeout?: number });
  /** Return all users with their memberships. */
  users(): Promise<Record<string, unknown>[]>;
  /** Invite a user. `link` sets the password once; send it if `mailed` is false. */
  inviteUser(user: {
    email: string;
    role: Role;
    name?: string;
    site?: string | null;
    agent?: string | null;
  }): Promise<{ id: string; link: string; mailed: boolean; expires_at: string }>;
  /** Disable or enable a user, or let the user create sites. It ends the user's sessions. */
  changeUser(
    user: string,
    change: { disabled?: boolean; may_create_sites?: boolean },
  ): Promise<Record<string, unknown>>;
  /** Set the role of a user at a site, or at all sites; null removes it. It ends the user's sessions. */
  setRole(
    user: string,
    role: Role | null,
    options?: { site?: string | null; agent?: string | null },
  ): Promise<Record<string, unknown>>;
  /** Create a link that sets a new password once. */
  passwordLink(user: string): Promise<{ link: string; mailed: boolean; expires_at: string }>;
  /** Return the open sessions of a user. */
  sessions(user: string): Promise<Record<string, unknown>[]>;
  endSessions(user: string): Promise<null>;
  /** Return all teams with their members and roles. */
  teams(): Promise<Record<string, unknown>[]>;
  createTeam(name: string): Promise<{ id: string; name: string }>;
  removeTeam(team: string): Promise<null>;
  addMember(team: string, user: string): Promise<Record<string, unknown>>;
  removeMember(team: string, user: string): Promise<Record<string, unknown>>;
  setTeamRole(team: string, role: Role | null, options?: { site?: string | null }): Promise<Record<string, unknown>>;
  /** Return the API keys of a site, without their texts. */
  apiKeys(site: string): Promise<Record<string, unknown>[]>;
  /** Create an API key. `api_key` is its text, which is shown once. Default: all scopes but `audit`. */
  createApiKey(
    site: string,
    name: string,
    options?: { scopes?: string[]; expiresAt?: Moment },
  ): Promise<{ id: string; api_key: string }>;
  /** Replace an API key, which still works for some hours (default: 24). */
  rotateApiKey(
    site: string,
    key: string,
    options?: { overlapHours?: number },
  ): Promise<{ id: string; api_key: string }>;
  revokeApiKey(site: string, key: string): Promise<null>;
  /** Return the signing secrets of a site, without their texts, the newest last. */
  signingSecrets(site: string): Promise<Record<string, unknown>[]>;
  /** Yield the server's entries of the audit log after a number, the oldest first. */
  audit(filters?: AuditFilters): AsyncGenerator<Record<string, unknown>, void, undefined>;
}
