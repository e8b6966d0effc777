"""The ratings of one conversation, as an agent's page places them: by message, in words, and nothing of the visitor's
side.
"""

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
from ..conversations.queries import by_external_id
from ..conversations.visibility import Visibility, opened_to
from ..core import clock
from ..core.errors import Invalid, NotFound
from ..events.outbox_reader import find_newest_position
from ..inbox.answers import Answer, HistoryEntry
from ..inbox.transcript_queries import transcript
from ..inbox.transcripts import InvitationSummary, MessageLine, Rating, TranscriptSegment
from ..invitations.rules import reason_in_words
from ..sites.service import find_site
from ..storage.db import db

#: So much of a message tells which one it is.
EXCERPT = 140


@requires("agent", "read")
def ratings() -> Response:
    """`?conversation=ID` by the back end's own id. A token that is two thirds spent gets a fresh one in a header."""
    external_id = request.args.get("conversation", "")
    if not external_id:
        raise Invalid("Name the conversation: `?conversation=ID`.", pointer="/conversation")
    # Read before the rest: what happens from here on the stream will tell.
    place = find_newest_position(db.session.connection())
    visibility, now = visibility_of(g.grant), clock.now()
    conversation = conversation_to_see(g.grant, external_id, visibility)
    found = transcript(db.session, g.grant.site_id, conversation.id, now=now, newest=None)
    assert found is not None
    seen = [segment for segment in found.segments if visibility.shows(segment.ended_at, now)]
    live = f"{current_app.config['TILFREDS'].live_base_url}/live/events"
    answer = jsonify(id=str(conversation.id), live=live, ratings=[segment_to_json(segment) for segment in seen])
    answer.add_etag()
    answer.make_conditional(request)
    answer.headers["Cache-Control"] = "no-store"
    # Beside the body, so that a poll's tag stands for the ratings alone.
    answer.headers["Tilfreds-Position"] = str(place)
    fresh = renewed(g.grant, now)
    if fresh is not None:
        answer.headers["Tilfreds-Token"] = live_tokens.write_token(current_app.config["SECRET_KEYS"], fresh)
    return answer


def conversation_to_see(grant: LiveGrant, external_id: str, visibility: Visibility) -> Conversation:
    """By the back end's own id. Another site's, and what is not this agent's to see, are answered like none."""
    conversation = by_external_id(grant.site_id, external_id)
    if conversation is None or not may_read(grant, conversation.id, visibility):
        raise NotFound("There is no such conversation, or it is not this agent's to see.")
    return conversation


def may_read(grant: LiveGrant, conversation_id: UUID, visibility: Visibility) -> bool:
    assert grant.agent_id is not None
    bound = grant.conversation_id
    return bool(opened_to(db.session.connection(), visibility, grant.site_id, grant.agent_id, bound, [conversation_id]))


def visibility_of(grant: LiveGrant) -> Visibility:
    """What the site of a token lets its agents see."""
    site = find_site(grant.site_id)
    return Visibility(site.agents_see, site.agents_see_after_days)


def renewed(grant: LiveGrant, now: datetime) -> LiveGrant | None:
    """A longer one for a token that is spent by two thirds, or that the stream cannot read."""
    is_due = now >= grant.expires_at - TOKEN_LIFETIME / 3
    is_signed = request.headers["Authorization"].partition(" ")[2].strip().startswith("tfa_")
    return (live_tokens.renew_grant(grant, now) or (grant if is_signed else None)) if is_due or is_signed else None


def segment_to_json(segment: TranscriptSegment) -> dict[str, Any]:
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
    """What a frame beside the chat shows in place of the message itself."""
    text = " ".join(message.text.split())
    short = text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"
    return {"author": message.author, "name": message.agent, "text": short, "at": moment(message.sent_at)}


def invitation_to_json(invitation: InvitationSummary) -> dict[str, Any]:
    return {
        "asked_at": moment(invitation.decided_at),
        "reason": reason_in_words(invitation.reason, invitation.context),
    }


def rating_to_json(rating: Rating, credited: list[str]) -> dict[str, Any]:
    correction = rating.correction
    return {
        "answer": answer_to_json(rating.answer),
        "at": moment(rating.at),
        "comment": rating.comment,
        "reasons": [reason.word for reason in rating.reasons],
        "answers": [{"question": given.question, "word": given.word} for given in rating.answers],
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
    """What is to be known beside the answer, in words."""
    proof = None if rating.verified else "not signed"
    shared = f"shared by {', '.join(credited)}" if len(credited) > 1 else None
    return [note for note in (proof, shared, rating.suspicion) if note]


def history(entries: Sequence[HistoryEntry]) -> list[dict[str, str]]:
    """What was pressed and when, oldest first; a submission that left the answer as it was is no entry here."""
    told: list[dict[str, str]] = []
    for entry in entries:
        if entry.answer is not None and entry.answer.word != (told[-1]["word"] if told else None):
            told.append({"word": entry.answer.word, "at": moment(entry.at)})
    return told


def answer_to_json(answer: Answer | None) -> dict[str, str] | None:
    return {"sentiment": answer.sentiment, "word": answer.word, "look": answer.look} if answer else None


def moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
