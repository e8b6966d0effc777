"""Queries of the ledger of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from ..conversations.models import Conversation, Segment
from ..storage.db import db
from .models import Invitation


def find_decisions(conversation: Conversation) -> Sequence[Invitation]:
    """Return every decision about a conversation, ordered by segment and attempt."""
    return db.session.scalars(
        select(Invitation)
        .join(Segment, (Segment.site_id == Invitation.site_id) & (Segment.id == Invitation.segment_id))
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Segment.number, Invitation.attempt)
    ).all()


def lock_invitations(conversation: Conversation) -> None:
    """Lock every decision about a conversation until the transaction ends; votes wait, too."""
    db.session.execute(
        select(Invitation.id)
        .join(Segment, (Segment.site_id == Invitation.site_id) & (Segment.id == Invitation.segment_id))
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Invitation.id)
        .with_for_update(of=Invitation)
    ).all()


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
