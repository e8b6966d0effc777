"""Everything that a site holds of a visitor or of a conversation, as values of JSON. Reads only."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ..accounts.audit import to_plain
from ..conversations.models import Conversation, Message, Segment
from ..invitations.models import Invitation
from ..ratings.models import Screenshot, Vote, VoteChange
from ..ratings.personal_rows import find_vote_ids, select_invitations
from ..storage.db import Model, db
from ..visitors.service import get_visitor

#: Columns that say nothing about the person: keys of the server, secrets as hashes, and copies for search and lists.
INTERNAL = frozenset(
    {
        "site_id",
        "browser_hash",
        "client_hash",
        "voter",
        "sent_hash",
        "comment_folded",
        "listed_segment_id",
        "clock_offset_ms",
        "arrival",
        "name",
    }
)
CONTENT = "content"


def export_visitor(site_id: UUID, external_id: str) -> dict[str, Any]:
    """Return the visitor with all conversations, invitations and ratings.

    Raises: NotFound: the site has no such visitor.
    """
    visitor = get_visitor(site_id, external_id)
    of_visitor = (Conversation.site_id == site_id, Conversation.visitor_id == visitor.id)
    conversations = db.session.scalars(select(Conversation).where(*of_visitor).order_by(Conversation.created_at)).all()
    in_query = (Invitation.site_id == site_id, Invitation.id.in_(select_invitations(visitor)))
    invitations = db.session.scalars(select(Invitation).where(*in_query).order_by(Invitation.decided_at)).all()
    return {
        "visitor": _to_json(visitor),
        **_export(site_id, conversations, invitations, find_vote_ids(visitor, invitations)),
    }


def export_conversation(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation with its invitations and ratings."""
    site_id = conversation.site_id
    segment_ids = db.session.scalars(
        select(Segment.id).where(Segment.site_id == site_id, Segment.conversation_id == conversation.id)
    ).all()
    of_segments = (Invitation.site_id == site_id, Invitation.segment_id.in_(segment_ids))
    invitations = db.session.scalars(select(Invitation).where(*of_segments).order_by(Invitation.decided_at)).all()
    vote_ids = db.session.scalars(select(Vote.id).where(Vote.site_id == site_id, Vote.segment_id.in_(segment_ids)))
    return _export(site_id, [conversation], invitations, set(vote_ids))


#: What a visitor reads of a rating: no decisions of staff, and nothing of the conversation, which others may share.
VISITORS_COLUMNS = (
    "score",
    "reasons",
    "answers",
    "comment",
    "language",
    "page",
    "first_at",
    "changed_at",
    "erased_at",
)


def export_rating(vote: Vote) -> dict[str, Any]:
    """Return what its visitor may read of a rating, with whether a customer ID is stored with it."""
    rating = _export_vote(vote)
    columns = {name: rating[name] for name in VISITORS_COLUMNS}
    history = [{name: entry[name] for name in ("score", "comment", "stored_at")} for entry in rating["history"]]
    return {**columns, "history": history, "screenshot": rating["screenshot"], "has_customer_id": bool(vote.visitor_id)}


def _export(
    site_id: UUID, conversations: Sequence[Conversation], invitations: Sequence[Invitation], vote_ids: set[UUID]
) -> dict[str, Any]:
    query = select(Vote).where(Vote.site_id == site_id, Vote.id.in_(sorted(vote_ids))).order_by(Vote.first_at)
    return {
        "conversations": [_export_conversation(conversation) for conversation in conversations],
        "invitations": [_to_json(invitation) for invitation in invitations],
        "ratings": [_export_vote(vote) for vote in db.session.scalars(query)],
    }


def _export_conversation(conversation: Conversation) -> dict[str, Any]:
    segments, messages = (
        db.session.scalars(
            select(model)
            .where(model.site_id == conversation.site_id, model.conversation_id == conversation.id)
            .order_by(order)
        )
        for model, order in ((Segment, Segment.number), (Message, Message.sent_at))
    )
    return {**_to_json(conversation), "segments": _to_list(segments), "messages": _to_list(messages)}


def _export_vote(vote: Vote) -> dict[str, Any]:
    of_vote = (VoteChange.site_id == vote.site_id, VoteChange.vote_id == vote.id)
    history = db.session.scalars(select(VoteChange).where(*of_vote).order_by(VoteChange.version))
    picture = db.session.get(Screenshot, (vote.site_id, vote.id))
    return {**_to_json(vote), "history": _to_list(history), "screenshot": picture and _export_picture(picture)}


def _export_picture(picture: Screenshot) -> dict[str, Any]:
    return {**_to_json(picture), "type": "image/webp", CONTENT: base64.b64encode(picture.content).decode()}


def _to_list(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [_to_json(row) for row in rows]


def _to_json(row: Any) -> dict[str, Any]:
    """Return the columns of a row, so that a new column is exported without a change here."""
    columns = row.__mapper__.columns
    values = {column.key: getattr(row, column.key) for column in columns if column.key not in {*INTERNAL, CONTENT}}
    dates = {name: value.isoformat() for name, value in values.items() if isinstance(value, date)}
    return to_plain({**values, **dates})
