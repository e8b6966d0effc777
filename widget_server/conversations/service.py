"""Writing conversations, as the owner's back end tells of them. Flushes, never commits; who decides about asking is
above (invitations).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import InvalidRequestError

from ..core import clock
from ..core.errors import Conflict, Invalid
from ..events.publish import publish
from ..sites.models import Site
from ..storage.db import db
from ..storage.group_commit import LostRace
from ..storage.prepared import Transaction
from ..visitors.models import Visitor
from .models import Agent, Conversation, Message, Segment
from .queries import by_browser, by_external_id, pin_of

#: What the back end may set and set anew.
FIELDS = (
    "title",
    "channel",
    "customer_reference",
    "case_type",
    "product_area",
    "touchpoint",
    "team",
    "language",
    "page",
    "custom_fields",
    "queued_at",
    "accepted_at",
    "escalated_at",
)
MAX_CUSTOM_FIELDS = 20


def put_agent(site: Site, external_id: str, **changes: Any) -> Agent:
    """Make or change an agent. `visitor_external_id` is the id they have as a visitor: such a visitor never votes."""
    agent = db.session.scalars(
        select(Agent).where(Agent.site_id == site.id, Agent.external_id == external_id)
    ).one_or_none()
    if agent is None:
        agent = Agent(site_id=site.id, external_id=external_id, name=external_id, created_at=clock.now())
        db.session.add(agent)
    for name, value in changes.items():
        setattr(agent, name, value)
    db.session.flush()
    return agent


def revoke_tokens(agent: Agent) -> None:
    """From now on the live tokens that this agent was given open nothing, and their open streams end."""
    agent.valid_after = clock.now()
    db.session.flush()


def is_staff(transaction: Transaction, site_id: UUID, visitor_external_id: str) -> bool:
    """Whether the back end said that this visitor is one of its agents. Takes a Core connection or the session."""
    wanted = select(Agent.id).where(Agent.site_id == site_id, Agent.visitor_external_id == visitor_external_id).limit(1)
    return transaction.execute(wanted).first() is not None


def is_of_staff(transaction: Transaction, site_id: UUID, conversation_id: UUID) -> bool:
    """The same of a conversation's visitor, as the back end tells of it now."""
    wanted = (
        select(Agent.id)
        .join(Visitor, (Visitor.site_id == Agent.site_id) & (Visitor.external_id == Agent.visitor_external_id))
        .join(Conversation, (Conversation.site_id == Visitor.site_id) & (Conversation.visitor_id == Visitor.id))
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
        .limit(1)
    )
    return transaction.execute(wanted).first() is not None


def make_conversation(site: Site, **values: Any) -> Conversation:
    """A new conversation with its first segment open."""
    now = clock.now()
    conversation = Conversation(
        site_id=site.id, created_at=now, latest_at=now, **{"channel": "chat", "custom_fields": {}, **values}
    )
    db.session.add(conversation)
    db.session.flush()
    open_segment(conversation, [], now)
    return conversation


def change_conversation(conversation: Conversation, fields: Mapping[str, Any], visitor: Visitor | None = None) -> None:
    """Set the given fields; what is not given stays."""
    custom = fields.get("custom_fields") or {}
    if len(custom) > MAX_CUSTOM_FIELDS:
        raise Invalid(f"A conversation has at most {MAX_CUSTOM_FIELDS} custom fields.", pointer="/custom_fields")
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid(f"A conversation has no field {name}.", pointer=f"/{name}")
        setattr(conversation, name, value)
    if visitor is not None:
        conversation.visitor_id = visitor.id
    touch(conversation)


def put_conversation(
    site: Site, external_id: str, fields: Mapping[str, Any], *, visitor: Visitor | None, browser_hash: str | None
) -> Conversation:
    """Make or change the back end's conversation. A browser it names brings along what that browser only claimed."""
    conversation = by_external_id(site.id, external_id)
    claimed = by_browser(site.id, browser_hash) if browser_hash else None
    if claimed is not None and claimed is not conversation and claimed.external_id is not None:
        raise Conflict(
            "This browser belongs to another conversation. Each chat start makes a new secret: send the new one.",
            code="browser_taken",
        )
    if conversation is None and claimed is not None:
        conversation = claimed
        conversation.external_id = external_id
    elif conversation is None:
        conversation = make_conversation(site, external_id=external_id, browser_hash=browser_hash)
    elif claimed is None and browser_hash is not None:
        conversation.browser_hash = browser_hash
    change_conversation(conversation, fields, visitor)
    db.session.flush()
    return conversation


def lock(conversation: Conversation) -> None:
    """Read it anew and keep it as it is until this transaction ends. Rows that only refer to it are not in the way."""
    try:
        db.session.refresh(conversation, with_for_update={"key_share": True})
    except InvalidRequestError as error:
        raise LostRace("this conversation became part of another one") from error


def touch(conversation: Conversation) -> None:
    """Something happened in it now: it leads its list, and who watches is told."""
    conversation.latest_at = clock.now()
    publish(
        db.session,
        conversation.site_id,
        "conversation.changed",
        at=conversation.latest_at,
        conversation_id=conversation.id,
    )


def open_segment(conversation: Conversation, segments: list[Segment], at: datetime) -> Segment:
    """Add a segment after `segments`, which are all that the conversation has, each of them ended."""
    number = segments[-1].number + 1 if segments else 1
    segment = Segment(site_id=conversation.site_id, conversation_id=conversation.id, number=number, opened_at=at)
    segments.append(segment)
    db.session.add(segment)
    db.session.flush()
    publish(
        db.session,
        conversation.site_id,
        "segment.opened",
        at=clock.now(),
        conversation_id=conversation.id,
        segment_id=segment.id,
    )
    return segment


def close_segment(
    conversation: Conversation, segments: list[Segment], *, ended_at: datetime, ended_by: str, closer: Agent | None
) -> None:
    """End the last of the conversation's `segments`, the only one that may be open, and pin it to its last message.

    An end before all that is known of it moves the opening back; messages after the end go to a segment that is added.
    """
    segment = segments[-1]
    segment.ended_at = min(ended_at, clock.now())
    segment.opened_at = min(segment.opened_at, segment.ended_at)
    segment.ended_by = ended_by
    segment.closer_agent_id = closer.id if closer else None
    db.session.flush()
    _part_off(conversation, segments, segment.ended_at)
    set_pin(segment)
    publish(
        db.session,
        segment.site_id,
        "segment.ended",
        at=clock.now(),
        conversation_id=segment.conversation_id,
        segment_id=segment.id,
    )


def _part_off(conversation: Conversation, segments: list[Segment], ended_at: datetime) -> None:
    """What was told before the end and said after it is a new part, as it is when it is told later."""
    segment = segments[-1]
    own = (Message.site_id == segment.site_id, Message.segment_id == segment.id)
    since = db.session.scalar(
        select(func.min(Message.sent_at)).where(
            *own, Message.sent_at > ended_at, Message.author.in_(("visitor", "agent"))
        )
    )
    if since is None:
        return
    new = open_segment(conversation, segments, since)
    db.session.execute(update(Message).where(*own, Message.sent_at >= since).values(segment_id=new.id))


def set_pin(segment: Segment) -> None:
    """Move the pin to the last message there is, unless a vote already stands under it."""
    if segment.ended_at is None or segment.pinned_at is not None:
        return
    # Looked at again in the same statement: a press may hold the pin at this very moment.
    db.session.execute(
        update(Segment)
        .where(Segment.site_id == segment.site_id, Segment.id == segment.id, Segment.pinned_at.is_(None))
        .values(pin_message_id=pin_of(segment, segment.ended_at))
    )
