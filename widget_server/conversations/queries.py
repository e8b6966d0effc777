"""Queries of conversations, segments and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from ..core.errors import NotFound
from ..storage.db import db
from .models import OPENERS, Agent, Conversation, Message, Segment


@dataclass(frozen=True)
class MessageCounts:
    """The counts of a segment's messages that the rules compare.

    `messages_known` is False if the back end never sent a message of the conversation.
    """

    messages_known: bool
    visitor_messages: int
    person_replies: int


def get_conversation(site_id: UUID, external_id: str) -> Conversation:
    """Return the conversation with this id. Raises `NotFound`, also for another site's conversation."""
    conversation = find_conversation(site_id, external_id)
    if conversation is None:
        raise NotFound("Conversation not found. Create it with PUT /api/v1/conversations/{id} first.")
    return conversation


def find_conversation(site_id: UUID, external_id: str) -> Conversation | None:
    return db.session.scalars(
        select(Conversation).where(Conversation.site_id == site_id, Conversation.external_id == external_id)
    ).one_or_none()


def find_by_browser(site_id: UUID, browser_hash: str) -> Conversation | None:
    return db.session.scalars(
        select(Conversation).where(Conversation.site_id == site_id, Conversation.browser_hash == browser_hash)
    ).one_or_none()


def find_latest_of_visitor(site_id: UUID, visitor_id: UUID) -> Conversation | None:
    """Return the latest conversation of a visitor that the back end created, or None."""
    return db.session.scalars(
        select(Conversation)
        .where(
            Conversation.site_id == site_id,
            Conversation.visitor_id == visitor_id,
            Conversation.external_id.is_not(None),
        )
        .order_by(Conversation.latest_at.desc())
        .limit(1)
    ).one_or_none()


def find_message(conversation: Conversation, external_id: str) -> Message | None:
    return db.session.scalars(
        select(Message).where(
            Message.site_id == conversation.site_id,
            Message.conversation_id == conversation.id,
            Message.external_id == external_id,
        )
    ).one_or_none()


def count_stored(conversation: Conversation) -> int:
    """Return the number of stored messages, removed ones included."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Message.site_id == conversation.site_id, Message.conversation_id == conversation.id
            )
        )
        or 0
    )


def find_segments(conversation: Conversation) -> Sequence[Segment]:
    """Return the segments in their order; there is always at least one."""
    return db.session.scalars(
        select(Segment)
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Segment.number)
    ).all()


def find_agents_of_segment(segment: Segment) -> list[Agent]:
    """Return the agents who wrote in a segment, by their first message, then a closer who did not write."""
    first_messages = (
        select(Message.agent_id, func.min(Message.sent_at).label("at"))
        .where(Message.site_id == segment.site_id, Message.segment_id == segment.id, Message.author == "agent")
        .group_by(Message.agent_id)
        .subquery()
    )
    agents = list(
        db.session.scalars(
            select(Agent)
            .join(first_messages, first_messages.c.agent_id == Agent.id)
            .where(Agent.site_id == segment.site_id)
            .order_by(first_messages.c.at)
        )
    )
    closer = segment.closer_agent_id
    if closer is not None and closer not in [agent.id for agent in agents]:
        agents.append(db.session.get_one(Agent, (segment.site_id, closer)))
    return agents


def count_messages(conversation: Conversation, segment: Segment) -> MessageCounts:
    """Count the messages that the visitor and persons wrote in a segment."""
    rows = db.session.execute(
        select(Message.author, func.count())
        .where(Message.site_id == segment.site_id, Message.segment_id == segment.id, Message.removed_at.is_(None))
        .group_by(Message.author)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    messages_known = bool(counts) or (
        db.session.scalar(
            select(Message.id)
            .where(Message.site_id == conversation.site_id, Message.conversation_id == conversation.id)
            .limit(1)
        )
        is not None
    )
    return MessageCounts(messages_known, counts.get("visitor", 0), counts.get("agent", 0))


def find_pin(segment: Segment, sender_end: datetime) -> UUID | None:
    """Return the id of the last message of a visitor, agent or bot up to the end, by time and arrival.

    A bot may write after the end without opening a segment, so its time is compared with the end.
    """
    return db.session.scalar(
        select(Message.id)
        .where(
            Message.site_id == segment.site_id,
            Message.segment_id == segment.id,
            Message.removed_at.is_(None),
            Message.author.in_(OPENERS) | ((Message.author == "bot") & (Message.sent_at <= sender_end)),
        )
        .order_by(Message.sent_at.desc(), Message.arrival.desc())
        .limit(1)
    )
