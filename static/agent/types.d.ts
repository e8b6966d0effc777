// What GET /agent/ratings returns for each segment of a conversation: `segment_to_json` in widget_server/agent/ratings.py.

interface Segment {
  segment: string;
  /** The message that the rating belongs to. */
  message: string | null;
  excerpt: Excerpt | null;
  asked_at?: string;
  /** Why the visitor was not asked. */
  reason?: string;
}

export interface Excerpt {
  author: "visitor" | "agent" | "bot" | "system";
  name: string | null;
  text: string;
  at: string;
}

export interface Answer {
  word: string;
  sentiment: string;
  look: string;
}

/** A segment without an answer. */
export interface UnratedSegment extends Segment {
  status: "open" | "undecided" | "waiting" | "dismissed" | "withdrawn" | "expired" | "removed" | "not_asked";
  answer?: null;
}

export interface RatedSegment extends Segment {
  status: "rated";
  answer: Answer;
  at: string;
  comment: string | null;
  reasons: string[];
  answers: { question: string; word: string }[];
  notes: string[];
  excluded: { by: string; at: string; reason: string | null } | null;
  /** The answer before a correction. */
  was: string | null;
  recovered: boolean;
  /** Every answer that was given, oldest first. */
  history: { word: string; at: string }[];
}

export type Rating = RatedSegment | UnratedSegment;

/** The body of the response. */
export interface RatingsBody {
  id: string;
  /** The address of the event stream. */
  live: string;
  ratings: Rating[];
}
