/**
 * Types of what the site's file adds to a page: the element `<tilfreds-rating>`, its events, and `tilfreds`. Copy this
 * file into a TypeScript project, or list it in `types`; it imports nothing.
 */

/** The answer that the server has. */
interface TilfredsAnswer {
  /** On the survey's scale; null once the answer was removed. */
  score: number | null;
  /** Whether there is a comment. The page does not receive its text. */
  comment: boolean;
}

/** The visitor's identity, signed by the site's back end. `expires` in Unix seconds. */
interface TilfredsProof {
  visitor?: string;
  signature?: string;
  expires?: number | string;
}

/** The detail of a start or an end of a chat. */
interface TilfredsChat extends TilfredsProof {
  conversation?: string;
  /** The place of the survey in a page without `<tilfreds-rating kind="conversation">`: an element or a selector. */
  target?: Element | string;
}

/** The server's decision at the end of a chat. */
type TilfredsEnded =
  | { asked: true; token: string; survey: string; revision: string }
  | { asked: false; reason: string };

/** The attributes of the tag, all optional. */
interface TilfredsAttributes extends TilfredsProof {
  kind?: string;
  subject?: string;
  conversation?: string;
  token?: string;
  look?: "faces" | "words";
  lang?: string;
}

/** The options of `ask`: the tag's attributes and a target. */
interface TilfredsAskOptions extends TilfredsAttributes {
  /** The place of the survey: an element or a selector. */
  target: Element | string;
}

interface TilfredsEvents {
  /** The survey came into view for the first time. */
  shown: Event;
  /** The server received the first answer. */
  voted: CustomEvent<TilfredsAnswer>;
  /** The server received a later answer, a comment, or a removal. */
  changed: CustomEvent<TilfredsAnswer>;
  /** The visitor pressed "Not now". */
  dismissed: CustomEvent<null>;
  /** The visitor pressed a follow-up question that offers a chat. */
  chat: CustomEvent<{ score: number }>;
}

interface Tilfreds {
  /** Report the start of a chat, or that it goes on, by the event `tilfreds:start`. */
  started(chat?: TilfredsChat): void;
  /**
   * Report the end of the chat, as the event `tilfreds:end` does.
   * Resolves to nothing when a later start replaces it.
   */
  ended(chat?: TilfredsChat): Promise<TilfredsEnded | undefined>;
  /** Add an element to `target`. Resolves to nothing where the target was not found; the console then says so. */
  ask(options: TilfredsAskOptions): Promise<TilfredsRating | undefined>;
  /** Listen to an event of every rating in the page; a `signal` in the options ends it. */
  on<Name extends keyof TilfredsEvents>(
    name: Name,
    listener: (event: TilfredsEvents[Name]) => void,
    options?: AddEventListenerOptions,
  ): void;
  /** Return the SHA-256 of this browser's secret in hex, for the conversation call. Needs HTTPS or localhost. */
  browser(): Promise<string>;
  /**
   * Run a function with these methods: at once, or after the site's file has loaded, when `tilfreds` was still an array
   * (`self.tilfreds ??= []`).
   */
  push(run: (tilfreds: Tilfreds) => unknown): unknown;
}

interface TilfredsRating extends HTMLElement {
  /** Open, so that tests and tools can read it. */
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
  /** The methods once the site's file has loaded; before that an array, where the page made one. */
  tilfreds?: Tilfreds | ((tilfreds: Tilfreds) => unknown)[];
}

/** Exists once the site's file has loaded; use `push` where that is not certain. */
declare const tilfreds: Tilfreds;
