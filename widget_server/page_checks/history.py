"""Explain afterwards why a visitor was not asked, from the decisions that are stored with a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy import select

from ..conversations.models import Conversation, Segment
from ..invitations.models import Invitation
from ..storage.db import db
from .causes import CAUSES, Finding


class Decision(Protocol):
    """What is read of an invitation, or of its summary."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def shown_at(self) -> datetime | None: ...


class SegmentFinding(NamedTuple):
    """A segment of a conversation, and the cause of its last decision."""

    opened_at: datetime
    finding: Finding


def explain_conversation(conversation: Conversation) -> Iterator[SegmentFinding]:
    """Yield the cause for each segment of a conversation, the newest first."""
    segments = db.session.scalars(
        select(Segment)
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Segment.opened_at.desc())
    )
    for segment in segments:
        invitation = db.session.scalars(
            select(Invitation)
            .where(Invitation.site_id == segment.site_id, Invitation.segment_id == segment.id)
            .order_by(Invitation.attempt.desc())
            .limit(1)
        ).one_or_none()
        yield SegmentFinding(segment.opened_at, Finding(find_cause(invitation, is_open=segment.ended_at is None)))


def find_cause(invitation: Decision | None, *, is_open: bool) -> str:
    """Return the code of the cause of a segment's last decision."""
    if invitation is None:
        return "decision_open" if is_open else "decision_missing"
    if invitation.status == "not_asked":
        code = f"not_asked_{invitation.reason}"
        return code if code in CAUSES else "decision_missing"
    was_shown = invitation.shown_at is not None
    return {
        "asked": "never_shown",
        "shown": "never_answered",
        "voted": "decision_rated",
        "dismissed": "decision_dismissed",
        "withdrawn": "decision_withdrawn",
        "expired": "never_answered" if was_shown else "expired_before_shown",
    }[invitation.status]
