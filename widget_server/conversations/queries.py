"""Reads of conversations that several verbs need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from ..core.errors import NotFound
from ..storage.db import db
from .models import Agent, Conversation, Message, Segment


@dataclass(frozen=True)
class MessageCounts:
    """How many messages the rules know of a segment.

    `messages_known` is False while no message of the conversation ever came.
    """

    messages_known: bool
    visitor_messages: int
    person_replies: int


def find_conversation(site_id: UUID, external_id: str) -> Conversation:
    """The site's conversation of that id; another site's is not found either."""
    found = by_external_id(site_id, external_id)
    if found is None:
        raise NotFound("There is no such conversation. Make it with PUT /api/v1/conversations/{id} first.")
    return found


def by_external_id(site_id: UUID, external_id: str) -> Conversation | None:
    return db.session.scalars(
        select(Conversation).where(Conversation.site_id == site_id, Conversation.external_id == external_id)
    ).one_or_none()


def by_browser(site_id: UUID, browser_hash: str) -> Conversation | None:
    return db.session.scalars(
        select(Conversation).where(Conversation.site_id == site_id, Conversation.browser_hash == browser_hash)
    ).one_or_none()


def latest_of_visitor(site_id: UUID, visitor_id: UUID) -> Conversation | None:
    """The named conversation of a visitor in which something happened last."""
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


def segments_of(conversation: Conversation) -> Sequence[Segment]:
    """In their order; there is always at least one."""
    return db.session.scalars(
        select(Segment)
        .where(Segment.site_id == conversation.site_id, Segment.conversation_id == conversation.id)
        .order_by(Segment.number)
    ).all()


def agents_of_segment(segment: Segment) -> list[Agent]:
    """Who wrote in it, in order of their first message, and the closer, who may not have written."""
    first = (
        select(Message.agent_id, func.min(Message.sent_at).label("at"))
        .where(Message.site_id == segment.site_id, Message.segment_id == segment.id, Message.author == "agent")
        .group_by(Message.agent_id)
        .subquery()
    )
    agents = list(
        db.session.scalars(
            select(Agent)
            .join(first, first.c.agent_id == Agent.id)
            .where(Agent.site_id == segment.site_id)
            .order_by(first.c.at)
        )
    )
    closer = segment.closer_agent_id
    if closer is not None and closer not in [agent.id for agent in agents]:
        agents.append(db.session.get_one(Agent, (segment.site_id, closer)))
    return agents


def message_counts(conversation: Conversation, segment: Segment) -> MessageCounts:
    """Count what a visitor and a person wrote in the segment."""
    rows = db.session.execute(
        select(Message.author, func.count())
        .where(Message.site_id == segment.site_id, Message.segment_id == segment.id)
        .group_by(Message.author)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    known = bool(counts) or (
        db.session.scalar(
            select(Message.id)
            .where(Message.site_id == conversation.site_id, Message.conversation_id == conversation.id)
            .limit(1)
        )
        is not None
    )
    return MessageCounts(known, counts.get("visitor", 0), counts.get("agent", 0))


def pin_of(segment: Segment, ended_at: datetime) -> UUID | None:
    """The last visitor, agent or bot message sent by the end; of equals the one that arrived last."""
    return db.session.scalar(
        select(Message.id)
        .where(
            Message.site_id == segment.site_id,
            Message.segment_id == segment.id,
            Message.author != "system",
            Message.sent_at <= ended_at,
        )
        .order_by(Message.sent_at.desc(), Message.arrival.desc())
        .limit(1)
    )
