// The element `<tilfreds-rating>`: turns its attributes into a card.
import { createCard } from "./card.js";
import { watchImpression } from "./impressions.js";
import { instances } from "./instances.js";
import { chooseLanguage } from "./language.js";
import { CONTENTS, contentsObserver, readPath } from "./page-path.js";
import { runPart } from "./parts.js";
import { settings } from "./settings.js";
import { readRecord } from "./store.js";
import { sheet } from "./style.css";

/** The looks that a tag can choose: these two draw the same answers. */
const LOOKS = /^(faces|words)$/;

/** The ends of a path that name the same article. */
const PATH_END = /\/(index\.html?)?(?=#|$)/g;

/**
 * Return whether to show a card: not a dismissed one, and of articles only the configured share.
 * @param {import("./store.js").StoredRecord | undefined} record
 * @param {boolean} isChat
 */
const isAsked = (record, isChat) => {
  if (record) return !record.off;
  return isChat || Math.random() < (settings.share ?? 1);
};

/**
 * The fields of a rating: `path` of the page whose contents are around it; `name` in storage, nothing while a chat has
 * no token; `proof` with the visitor's identity, as signed by the site's back end; `seenReply`, the reply to an
 * impression, for later/surroundings.js; `paint` shows the stored answer and one of the texts "saving", "kept", "open".
 * @typedef {{path: string, name: string, survey: import("./settings.js").Survey,
 *   proof: {visitor?: string, signature?: string, expires?: number}, seenReply: Promise<Response | void> | undefined,
 *   paint: (state?: string) => void}} Fields
 */

// The type declares the fields and the tools of the later parts (see widget.js). A declaration in the class would be
// code of the served file.
export class Rating
  extends /** @type {{new (): HTMLElement & Fields, core?: import("./widget.js").Core}} */ (HTMLElement)
{
  root = this.attachShadow({ mode: "open" });

  constructor() {
    super();
    this.root.adoptedStyleSheets = [sheet];
  }

  /** Another document takes no sheets of this one, so a later part copies them. */
  adoptedCallback() {
    runPart("documents", this.root, sheet);
  }

  connectedCallback() {
    instances.add(this);
    contentsObserver.observe(this.getRootNode(), CONTENTS);
    if (Rating.core) this.update(true);
    // An element that was in the page before the file loaded is drawn in a separate task, because parsing the file and
    // drawing would be one long task on a slow machine.
    else setTimeout(() => this.update(true));
  }

  disconnectedCallback() {
    instances.delete(this);
  }

  /**
   * Read the attributes, and draw again when they name another thing.
   * @param {boolean} [isMoved] whether the element may be among other contents
   */
  update(isMoved) {
    if (isMoved) this.path = readPath();
    const {
      token,
      kind = token ? "conversation" : "article",
      subject = /** @type {Fields} */ (this).path,
      visitor,
      signature,
      expires,
      look,
    } = Object.fromEntries([...this.attributes].map(({ name, value }) => [name, value]));
    const isChat = kind == "conversation";
    // The server names subjects in the same way: see widget_server/subjects/names.py.
    const name = isChat ? token : String([kind, subject.replace(PATH_END, ""), visitor]);
    const { proof = { visitor }, name: drawnName } = /** @type {Fields} */ (this);
    if (proof.visitor != visitor) /** @type {any} */ (Rating).forgetVisitor?.();
    // Without `expires` this is NaN, which JSON turns into null.
    this.proof = { visitor, signature, expires: Number(expires) };
    if (drawnName == name) return;
    this.name = name;
    const survey = settings.surveys[isChat ? "chat_end" : "article"];
    if (survey) this.draw(survey, isChat, isChat ? { token } : { subject, kind }, look);
    else runPart("page", kind);
  }

  /**
   * @param {import("./settings.js").Survey} survey
   * @param {boolean} isChat
   * @param {object} thing the rated thing in the server's terms
   * @param {string} look the attribute
   */
  draw(survey, isChat, thing, look) {
    const { name } = this;
    this.survey = survey;
    const lang = chooseLanguage(this, survey.texts, settings.lang);
    const isLook = !survey.dressed && LOOKS.test(look);
    const shownLook = isLook ? look : survey.look;
    const { card, paint } = createCard(this, { name, thing, survey, lang, look: shownLook });
    this.paint = paint;

    const record = readRecord(name);
    this.root.replaceChildren();
    if (!isAsked(record, isChat)) return;
    this.root.append(card);
    paint();
    if (record) runPart(lang, "answered", this);
    else watchImpression(this, card, thing);
  }
}
