"""Return the ratings of one conversation to an agent's page: by message, as text, without the visitor's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify, request

from ..accounts import live_tokens
from ..accounts.live_tokens import TOKEN_LIFETIME, LiveGrant
from ..auth.access import requires
from ..conversations.models import Conversation
from ..conversations.queries import find_conversation
from ..conversations.visibility import Visibility, filter_visible, visibility_at
from ..core import clock
from ..core.errors import Invalid, NotFound
from ..core.marked_texts import marked
from ..events.outbox_reader import find_newest_position
from ..inbox.answers import Answer, HistoryEntry
from ..inbox.transcript_queries import load_rated_segments
from ..inbox.transcripts import InvitationSummary, MessageLine, Rating, TranscriptSegment
from ..invitations.rules import to_reason_text
from ..sites.service import find_site
from ..storage.db import db
from ..web.translations import add_vary
from ..web.translations import translate as _

#: Characters of a message that are enough to recognise it.
MAX_EXCERPT_LENGTH = 140


@requires("agent", "read")
def ratings() -> Response:
    """Return the ratings of `?conversation=ID`, an id of the back end.

    A token that has used two thirds of its time is renewed in a header.
    """
    external_id = request.args.get("conversation", "")
    if not external_id:
        raise Invalid("Add the conversation to the address: `?conversation=ID`.", pointer="/conversation")
    # Read the position first, so that the stream sends every later change.
    position = find_newest_position(db.session.connection())
    visibility, now = visibility_of(g.grant), clock.now()
    conversation = find_visible_conversation(g.grant, external_id, visibility)
    rated_segments = load_rated_segments(db.session, g.grant.site_id, [conversation.id], now)
    segments = [
        segment for segment in rated_segments.get(conversation.id, []) if visibility.shows(segment.ended_at, now)
    ]
    live = f"{current_app.config['TILFREDS'].live_base_url}/live/events"
    response = jsonify(id=str(conversation.id), live=live, ratings=[segment_to_json(segment) for segment in segments])
    response.add_etag()
    response.make_conditional(request)
    response.headers["Cache-Control"] = "no-store"
    add_vary(response)
    # A header, because the ETag of a poll must depend on the ratings only.
    response.headers["Tilfreds-Position"] = str(position)
    renewed_grant = renew_if_due(g.grant, now)
    if renewed_grant is not None:
        response.headers["Tilfreds-Token"] = live_tokens.write_token(current_app.config["SECRET_KEYS"], renewed_grant)
    return response


def find_visible_conversation(grant: LiveGrant, external_id: str, visibility: Visibility) -> Conversation:
    """Return a conversation by its id in the back end.

    Raises: NotFound: it does not exist, or this agent may not see it.
    """
    conversation = find_conversation(grant.site_id, external_id)
    if conversation is None or not may_read(grant, conversation.id, visibility):
        raise NotFound("This conversation does not exist, or this agent may not see it.")
    return conversation


def may_read(grant: LiveGrant, conversation_id: UUID, visibility: Visibility) -> bool:
    """Return whether a token opens a conversation."""
    assert grant.agent_id is not None
    connection, token_conversation = db.session.connection(), grant.conversation_id
    return bool(
        filter_visible(connection, visibility, grant.site_id, grant.agent_id, token_conversation, [conversation_id])
    )


def visibility_of(grant: LiveGrant) -> Visibility:
    """Return the visibility that the site of a token sets for its agents."""
    return visibility_at(find_site(grant.site_id))


def renew_if_due(grant: LiveGrant, now: datetime) -> LiveGrant | None:
    """Return a new grant for a token that has used two thirds of its time, or that the stream cannot read."""
    is_due = now >= grant.expires_at - TOKEN_LIFETIME / 3
    is_signed = request.headers["Authorization"].partition(" ")[2].strip().startswith("tfa_")
    return (live_tokens.renew_grant(grant, now) or (grant if is_signed else None)) if is_due or is_signed else None


def segment_to_json(segment: TranscriptSegment) -> dict[str, Any]:
    """Return a segment as static/agent/types.d.ts describes it."""
    pin = next((message for message in segment.messages if message.id == segment.pin_message_id), None)
    return {
        "segment": str(segment.id),
        "message": pin.external_id if pin else None,
        "excerpt": excerpt(pin or segment.messages[-1]) if segment.messages else None,
        "status": segment.status,
        "credited": segment.credited,
        **(invitation_to_json(segment.invitation) if segment.invitation else {}),
        **(rating_to_json(segment.rating, segment.credited) if segment.rating else {}),
    }


def excerpt(message: MessageLine) -> dict[str, str | None]:
    """Return the beginning of a message, which the frame shows above its rating."""
    text = " ".join(message.text.split())
    short_text = text if len(text) <= MAX_EXCERPT_LENGTH else text[:MAX_EXCERPT_LENGTH].rstrip() + "…"
    return {"author": message.author, "name": message.agent, "text": short_text, "at": moment(message.sent_at)}


def invitation_to_json(invitation: InvitationSummary) -> dict[str, Any]:
    return {
        "asked_at": moment(invitation.decided_at),
        "reason": to_reason_text(invitation.reason, invitation.context, _),
    }


def rating_to_json(rating: Rating, credited: list[str]) -> dict[str, Any]:
    correction = rating.correction
    return {
        "answer": answer_to_json(rating.answer),
        "at": moment(rating.at),
        "comment": rating.comment,
        "reasons": [reason.word for reason in rating.reasons],
        "answers": [{"question": item.question, "word": item.word} for item in rating.answers],
        "verified": rating.verified,
        "counted": rating.status == "counted",
        "notes": notes(rating, credited),
        "excluded": {"by": rating.excluded.by, "at": moment(rating.excluded.at), "reason": rating.excluded.reason}
        if rating.excluded
        else None,
        "was": correction.before.word if correction else None,
        "recovered": bool(correction and correction.recovery),
        "history": history(rating.history),
    }


def notes(rating: Rating, credited: list[str]) -> list[str]:
    """Return the remarks beside an answer: unverified, shared, or suspected."""
    proof = None if rating.verified else _("unverified")
    names = ", ".join(credited)
    shared = _(marked("shared by %(names)s", names=names)) if len(credited) > 1 else None
    suspicion = _(rating.suspicion) if rating.suspicion else None
    return [note for note in (proof, shared, suspicion) if note]


def history(entries: Sequence[HistoryEntry]) -> list[dict[str, str]]:
    """Return each change of the answer, oldest first; a submission that keeps the answer is no change."""
    changes: list[dict[str, str]] = []
    for entry in entries:
        if entry.answer is not None and entry.answer.word != (changes[-1]["word"] if changes else None):
            changes.append({"word": entry.answer.word, "at": moment(entry.at)})
    return changes


def answer_to_json(answer: Answer | None) -> dict[str, str] | None:
    return {"sentiment": answer.sentiment, "word": answer.word, "look": answer.look} if answer else None


def moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
