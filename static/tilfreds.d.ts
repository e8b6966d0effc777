/**
 * What the site's file adds to a page: the element `<tilfreds-rating>`, its events, and `tilfreds`. Copy this file into a project
 * that is written in TypeScript, or name it in `types`; it imports nothing.
 */

/** What stands at the server after an answer. */
interface TilfredsAnswer {
  /** On the scale of the survey's look; null once the answer was taken back. */
  score: number | null;
  /** Whether there is a comment. What it says is not told to the page. */
  comment: boolean;
}

/** Who reads or chats, signed by the site's back end. `expires` in Unix seconds. */
interface TilfredsProof {
  visitor?: string;
  signature?: string;
  expires?: number | string;
}

/** What an end or a start of a chat says. */
interface TilfredsChat extends TilfredsProof {
  conversation?: string;
  /** Where the faces go when no `<tilfreds-rating kind="conversation">` stands in the page: an element or a selector. */
  target?: Element | string;
}

/** What the server said to the end of a chat. */
type TilfredsEnded =
  | { asked: true; token: string; survey: string; revision: string }
  | { asked: false; reason: string };

/** The attributes of the tag, each of which may be left out. */
interface TilfredsAttributes extends TilfredsProof {
  kind?: string;
  subject?: string;
  conversation?: string;
  token?: string;
  look?: "faces" | "words";
  lang?: string;
}

/** A wish to ask, by the tag's attributes. */
interface TilfredsWish extends TilfredsAttributes {
  /** Where the faces go: an element, or a selector. */
  target: Element | string;
}

interface TilfredsEvents {
  /** The faces came into view for the first time. */
  shown: Event;
  /** The server received the first answer. */
  voted: CustomEvent<TilfredsAnswer>;
  /** It received a later one, a comment, or a removal. */
  changed: CustomEvent<TilfredsAnswer>;
  /** "Not now" was pressed. */
  dismissed: CustomEvent<null>;
  /** Somebody wants to chat, by a follow-up question of that kind. */
  chat: CustomEvent<{ score: number }>;
}

interface Tilfreds {
  /** Says that the chat ended, as the event `tilfreds:end` does; what the server said, or nothing when a later start took its place. */
  ended(chat?: TilfredsChat): Promise<TilfredsEnded | undefined>;
  /** Puts an element into `target`; promises it, or nothing where there is no such place (the console says so). */
  ask(wish: TilfredsWish): Promise<TilfredsRating | undefined>;
  /** Hears an event of every rating in the page; a `signal` of the options ends it. */
  on<What extends keyof TilfredsEvents>(
    what: What,
    hear: (event: TilfredsEvents[What]) => void,
    options?: AddEventListenerOptions,
  ): void;
  /** The SHA-256 of this browser's secret in hex, for the back end's conversation call. Needs https or localhost. */
  browser(): Promise<string>;
}

interface TilfredsRating extends HTMLElement {
  /** Open, so that tests and tools see what visitors see. */
  readonly shadowRoot: ShadowRoot;
}

interface HTMLElementTagNameMap {
  "tilfreds-rating": TilfredsRating;
}

interface GlobalEventHandlersEventMap {
  "tilfreds:shown": TilfredsEvents["shown"];
  "tilfreds:voted": TilfredsEvents["voted"];
  "tilfreds:changed": TilfredsEvents["changed"];
  "tilfreds:dismissed": TilfredsEvents["dismissed"];
  "tilfreds:chat": TilfredsEvents["chat"];
  "tilfreds:start": CustomEvent<TilfredsChat>;
  "tilfreds:end": CustomEvent<TilfredsChat | null>;
}

interface Window {
  /** There once the site's file was loaded. */
  readonly tilfreds?: Tilfreds;
}

/** There once the site's file was loaded; ask `self.tilfreds` where that is not certain. */
declare const tilfreds: Tilfreds;
