"""Queries of the ledger of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, tuple_

from ..conversations.models import Conversation, Segment
from ..conversations.queries import find_segments
from ..storage.db import db
from ..storage.indexes import Unindexed
from .models import Invitation


def find_decisions(conversation: Conversation) -> Sequence[Invitation]:
    """Return every decision about a conversation, ordered by segment and attempt."""
    numbers = {segment.id: segment.number for segment in find_segments(conversation)}
    decisions = db.session.scalars(select(Invitation).where(is_of_conversation(conversation))).all()
    return sorted(decisions, key=lambda one: (numbers[one.segment_id] if one.segment_id else 0, one.attempt))


def lock_invitations(conversation: Conversation) -> None:
    """Lock every decision about a conversation until the transaction ends; votes wait, too."""
    query = select(Invitation.id).where(is_of_conversation(conversation)).order_by(Unindexed(Invitation.id))
    db.session.execute(query.with_for_update()).all()


def is_of_conversation(conversation: Conversation) -> ColumnElement[bool]:
    """Match the decisions about a conversation.

    Both columns are compared at once: in a join, SQLite derives the site of the decisions and reads all of them.
    """
    segments = select(Segment.site_id, Segment.id).where(
        Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id
    )
    return tuple_(Invitation.site_id, Invitation.segment_id).in_(segments)


def find_last_shown_elsewhere(
    site_id: UUID, visitor_id: UUID, segment: Segment, touchpoint: str | None
) -> tuple[datetime | None, datetime | None]:
    """Return when a visitor last saw a survey of another conversation, and of another one of this touchpoint."""
    same_touchpoint = Invitation.context["touchpoint"].as_string().is_not_distinct_from(touchpoint)
    row = db.session.execute(
        select(func.max(Invitation.shown_at), func.max(case((same_touchpoint, Invitation.shown_at))))
        .join(Segment, (Segment.site_id == Invitation.site_id) & (Segment.id == Invitation.segment_id))
        .where(
            Invitation.site_id == site_id,
            Invitation.visitor_id == visitor_id,
            Invitation.shown_at.is_not(None),
            Segment.conversation_id != segment.conversation_id,
        )
    ).one()
    return row[0], row[1]
