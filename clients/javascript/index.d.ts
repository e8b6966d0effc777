/** A moment: a Date, or a text of RFC 3339 with its offset. */
export type Moment = Date | string;

export interface Signed {
  visitor: string;
  signature: string;
  /** Unix seconds, as the tag's attribute has them. */
  expires: string;
}

/**
 * The attributes `visitor`, `signature` and `expires` of the tag, or of the `detail` of `tilfreds:end`. `expires` is in Unix
 * seconds; left out, it is an hour from now. Without `kind` and `subject` it proves the visitor, and so every conversation
 * that was made for them. `role: "staff"` says that this person is never asked.
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
 * A token for `<tilfreds-ratings>` in a helpdesk's page, made for the agent who is signed in there. It opens `conversation`, or all in
 * which the agent wrote. Moments are in Unix seconds; left out, it lives from now on for 15 minutes, which is the most.
 */
export function agentToken(what: {
  secret: string;
  siteKey: string;
  agent: string;
  conversation?: string;
  issued?: number;
  expires?: number;
}): Promise<string>;

/** Any of the others. */
export class TilfredsError extends Error {}
/** No answer came, in any of the tries. Whether the call was carried out is not known; sending it again is safe. */
export class Unreachable extends TilfredsError {}
/** The server said no: an RFC 9457 problem. */
export class Refused extends TilfredsError {
  readonly status: number;
  /** A stable word for programs. */
  readonly code: string;
  /** A sentence for people. */
  readonly detail: string;
  /** The field that is wrong, such as `/visitor`. */
  readonly pointer: string | null;
  /** Seconds to wait, where waiting helps. */
  readonly retryAfter: number | null;
}

export interface Agent {
  external_id: string;
  name: string;
  team: string | null;
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
  /** What `tilfreds.browser()` gave to the page. */
  browser?: string;
  title?: string;
  channel?: "chat" | "phone" | "email" | "in_person";
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
}

export interface StoredMessage {
  external_id: string;
  id: string;
  /** The number of the segment that it belongs to. */
  segment: number;
}

/** What was decided: `reason` is a stable word, `reason_text` says it to people. */
export interface End {
  segment: number;
  asked: boolean;
  status: string;
  reason: string | null;
  reason_text: string | null;
}

export interface Rating {
  /** null once the visitor took it back. */
  answer: { score: number; sentiment: "positive" | "neutral" | "negative"; word: string } | null;
  comment: string | null;
  reasons: { key: string; word: string }[];
  answers: Record<string, unknown>[];
  verified: boolean;
  status: "counted" | "suspected" | "excluded";
}

export interface Vote extends Rating {
  id: string;
  kind: string;
  /** The conversation's id, or the path or name of what was rated. */
  subject: string | null;
  segment: number | null;
  channel: string;
  visitor: string | null;
  agents: string[];
  team: string | null;
  voted_on: string;
}

export interface Segment {
  number: number;
  status: "rated" | "removed" | "waiting" | "dismissed" | "withdrawn" | "expired" | "not_asked" | "undecided" | "open";
  /** The id of the message that the rating stands under. */
  pin: string | null;
  messages: Record<string, unknown>[];
  agents: string[];
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
  /** Votes in a page, 200 at most. */
  limit?: number;
}

/**
 * Calls with an API key of the site. What fails in passing is tried again, up to `tries` times: everything here may be sent twice, and
 * is then done once. A call waits `timeout` milliseconds for each answer. Rejects with `Refused` or `Unreachable`.
 */
export class Tilfreds {
  constructor(options: { baseUrl: string; apiKey: string; timeout?: number; tries?: number });
  /** Make or change an agent; `visitor` is the id that they have as a visitor. */
  putAgent(agent: string, fields: { name?: string; team?: string | null; visitor?: string | null }): Promise<Agent>;
  /** End every agent token made until now. */
  revokeAgent(agent: string): Promise<Agent>;
  /** A token for the agent's page, made by the server. */
  agentToken(agent: string, conversation?: string): Promise<AgentToken>;
  /** Make a conversation, or tell more of it; what is left out stays as it is. */
  putConversation(conversation: string, fields?: ConversationFields): Promise<Record<string, unknown>>;
  /** Add up to 500 messages, in any order. */
  addMessages(conversation: string, messages: MessageIn[]): Promise<StoredMessage[]>;
  /** End the open part: who is asked, or why nobody. Ended twice is ended once. */
  end(conversation: string, how?: { closer?: string; ask?: boolean; note?: string; endedAt?: Moment }): Promise<End>;
  /** Ask now, by an agent's own decision, whatever the rules weigh. Asked twice is asked once. */
  ask(conversation: string, how?: { agent?: string }): Promise<End>;
  /** Segments, messages, and each rating, or why there is none. */
  conversation(conversation: string): Promise<Conversation>;
  /** Who was asked, what became of it, and why nobody was. */
  invitations(conversation: string): Promise<Invitation[]>;
  /** Ask without a conversation, under an id of yours; `token` is for the person who is asked alone, `asks` what to draw. */
  invite(
    invitation: string,
    fields?: Omit<ConversationFields, "browser" | "queued_at" | "accepted_at" | "escalated_at"> & { agents?: string[] },
  ): Promise<{ id: string; status: string; token: string; expires_at: string; asks: Record<string, unknown> }>;
  /** What came of an invitation; `vote` is the id of the answer. */
  invitation(invitation: string): Promise<{ id: string; status: string; vote: string | null }>;
  /** Every vote that all filters hold for, newest first, read page by page while the caller goes on. */
  votes(filters?: VoteFilters): AsyncGenerator<Vote, void, undefined>;
  /** One vote; its field `history` has every answer, oldest first. */
  vote(vote: string): Promise<Vote & { history: Record<string, unknown>[] }>;
  /** Take a vote out of the counts; it stays, and the reason is seen by all who see it. */
  exclude(vote: string, reason: string, who?: { by?: string }): Promise<Vote>;
  /** Let an excluded vote count again. */
  restore(vote: string, who?: { by?: string }): Promise<Vote>;
  /** Forget a person: names, references, messages and comments go, votes stay as counts. */
  eraseVisitor(visitor: string): Promise<{ conversations: number }>;
}
