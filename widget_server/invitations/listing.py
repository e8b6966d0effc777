"""What a conversation repeats of its decisions, so that the filters of lists read one row and one index.

A vote sets the columns of the answer (ratings/statements.py).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, distinct, func, select, tuple_, update

from ..conversations.models import Conversation, Segment
from ..storage.db import db
from .models import Invitation

IS_ASKED = Invitation.status != "not_asked"


def refresh_listing(site_id: UUID, conversation_id: UUID) -> None:
    """Derive the columns of a conversation again after one of its decisions changed."""
    listed_id = select_last_decision(Invitation.segment_id)
    is_same_segment = Conversation.listed_segment_id == listed_id
    db.session.execute(
        update(Conversation)
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
        .values(
            listed_segment_id=listed_id,
            not_asked_reason=select_last_decision(Invitation.reason),
            waiting_until=_select_decisions(func.max(Invitation.expires_at))
            .where(Invitation.status.in_(("asked", "shown")), Invitation.segment_id == listed_id)
            .scalar_subquery(),
            is_asked_again=_select_decisions(func.count(distinct(Invitation.segment_id)))
            .where(IS_ASKED)
            .scalar_subquery()
            > 1,
            # A segment that becomes the listed one was asked about just now, so it has no answer yet.
            sentiment=case((is_same_segment, Conversation.sentiment)),
            is_recovered=case((is_same_segment, Conversation.is_recovered), else_=False),
        )
        .execution_options(synchronize_session=False)
    )


def select_last_decision(column: Any) -> ColumnElement[Any]:
    """Select a column of a conversation's last decision to ask, else of its last decision.

    Only the latter has a reason.
    """
    number = select(Segment.number).where(Segment.site_id == Invitation.site_id, Segment.id == Invitation.segment_id)
    last_first = (case((IS_ASKED, 0), else_=1), number.scalar_subquery().desc(), Invitation.attempt.desc())
    return _select_decisions(column).order_by(*last_first).limit(1).scalar_subquery()


def _select_decisions(column: Any) -> Select[Any]:
    """Select a column of the decisions about the conversation that is updated, as `is_of_conversation` finds them."""
    segments = select(Segment.site_id, Segment.id).where(
        Segment.site_id == Conversation.site_id, Segment.conversation_id == Conversation.id
    )
    is_of_conversation = tuple_(Invitation.site_id, Invitation.segment_id).in_(segments.correlate(Conversation))
    return select(column).where(is_of_conversation).correlate(Conversation)
