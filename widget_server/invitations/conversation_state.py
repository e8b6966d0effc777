"""The state of one conversation, loaded once after its lock is taken and passed down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from ..conversations import service as conversations
from ..conversations.models import Conversation, Segment
from ..storage.db import db
from .models import UNANSWERED, Invitation
from .queries import lock_invitations


@dataclass(frozen=True)
class ConversationState:
    """A conversation with its segments and the decisions about them. Writes of the transaction are added to it."""

    conversation: Conversation
    #: In the order of their numbers; there is always at least one.
    segments: list[Segment]
    #: By the id of their segment, ordered by attempt.
    decisions: dict[UUID, list[Invitation]]

    @property
    def last_segment(self) -> Segment:
        return self.segments[-1]

    def segment_before(self, segment: Segment) -> Segment | None:
        return next((other for other in self.segments if other.number == segment.number - 1), None)

    def segment_of(self, invitation: Invitation) -> Segment:
        return next(segment for segment in self.segments if segment.id == invitation.segment_id)

    def newest_decision(self, segment: Segment) -> Invitation | None:
        """Return the decision of the last attempt, or None before the first one."""
        return self.decisions[segment.id][-1] if segment.id in self.decisions else None

    def add_decision(self, segment: Segment, invitation: Invitation) -> None:
        """Add the decision of the next attempt, after it is stored."""
        self.decisions.setdefault(segment.id, []).append(invitation)

    def open_invitations(self, now: datetime) -> list[Invitation]:
        """Return the invitations that are still waiting for an answer, oldest first."""
        return [
            invitation
            for segment in self.segments
            for invitation in self.decisions.get(segment.id, ())
            if invitation.status in UNANSWERED and invitation.expires_at is not None and now <= invitation.expires_at
        ]


def lock_conversations(*conversations_to_lock: Conversation) -> None:
    """Lock conversations until the transaction ends, so that no other one adds to them, ends or reopens them.

    Their invitations are locked first, as by a vote. In different orders the transactions would wait for each other.
    """
    for conversation in conversations_to_lock:
        lock_invitations(conversation)
    for conversation in sorted(conversations_to_lock, key=lambda one: one.id):
        conversations.lock_conversation(conversation)


def lock_state(conversation: Conversation) -> ConversationState:
    """Lock a conversation and load its state, which then does not change until the transaction ends."""
    lock_conversations(conversation)
    return load_state(conversation)


def load_state(conversation: Conversation) -> ConversationState:
    """Load a conversation's state, without a lock or under one that is already taken.

    Rows that the session loaded before the lock are loaded again, because another transaction may have changed them.
    """
    rows = db.session.execute(
        select(Segment, Invitation)
        .outerjoin(Invitation, (Invitation.site_id == Segment.site_id) & (Invitation.segment_id == Segment.id))
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Segment.number, Invitation.attempt)
        .execution_options(populate_existing=True)
    ).all()
    state = ConversationState(conversation, list(dict.fromkeys(segment for segment, _ in rows)), {})
    for segment, invitation in rows:
        # The outer join gives one row to a segment without a decision.
        if invitation is not None:
            state.add_decision(segment, invitation)
    return state
