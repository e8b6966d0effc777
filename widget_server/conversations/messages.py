"""Storing what is said: a batch at a time, each message once, in the part that was open when it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, select

from ..core import clock
from ..core.errors import Invalid
from ..events.publish import publish
from ..storage.db import db, new_id
from .models import Agent, Conversation, Message, Segment
from .service import open_segment, set_pin

#: Whose message opens a new part after an end; what a system or a bot says does not.
OPENERS = ("visitor", "agent")


@dataclass(frozen=True)
class NewMessage:
    """A message as the back end tells of it; without `sent_at` it was sent now."""

    external_id: str
    author: str
    text: str
    agent: Agent | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class StoredMessage:
    """A message as it is stored."""

    id: UUID
    external_id: str
    segment: Segment


def store_messages(
    conversation: Conversation, segments: list[Segment], new_messages: Sequence[NewMessage]
) -> list[StoredMessage]:
    """Store what is new of these and return all of them in their order.

    `segments` are all that the conversation has; one that a message opens is added to them. An id that is stored with
    another content is refused, with a pointer to its place, and nothing is stored.
    """
    known = stored_before(conversation, new_messages, segments)
    arrival = db.session.scalar(select(func.count()).where(*in_conversation(conversation))) or 0
    now, kept = clock.now(), []
    rows: list[dict[str, Any]] = []
    for position, message in enumerate(new_messages):
        before = known.get(message.external_id)
        if before is None:
            row = to_row(conversation, segments, message, now) | {"arrival": arrival + len(rows)}
            rows.append(row)
            segment = next(segment for segment in segments if segment.id == row["segment_id"])
            before = message, StoredMessage(row["id"], message.external_id, segment)
            known[message.external_id] = before
        elif (before[0].author, before[0].text) != (message.author, message.text):
            detail = "A message of this external_id is stored with another content."
            raise Invalid(detail, code="conflict", pointer=f"/{position}/external_id")
        kept.append(before[1])
    if rows:
        insert_messages(conversation, segments, rows, now)
    return kept


def in_conversation(conversation: Conversation) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Message.site_id == conversation.site_id, Message.conversation_id == conversation.id


def stored_before(
    conversation: Conversation, new_messages: Sequence[NewMessage], segments: Sequence[Segment]
) -> dict[str, tuple[NewMessage | Row[UUID, str, UUID, str, str], StoredMessage]]:
    """Those of these ids that are stored, by id."""
    by_id = {segment.id: segment for segment in segments}
    ids = {message.external_id for message in new_messages}
    columns = (Message.id, Message.external_id, Message.segment_id, Message.author, Message.text)
    rows = db.session.execute(select(*columns).where(*in_conversation(conversation), Message.external_id.in_(ids)))
    return {row.external_id: (row, StoredMessage(row.id, row.external_id, by_id[row.segment_id])) for row in rows}


def to_row(conversation: Conversation, segments: list[Segment], message: NewMessage, now: datetime) -> dict[str, Any]:
    """The columns of a new message. A clock that runs ahead of ours would open parts of the future."""
    sent_at = min(message.sent_at or now, now)
    segment = segment_for(conversation, segments, message.author, sent_at)
    segment.opened_at = min(segment.opened_at, sent_at)
    return {
        "site_id": conversation.site_id,
        "id": new_id(),
        "conversation_id": conversation.id,
        "segment_id": segment.id,
        "external_id": message.external_id,
        "author": message.author,
        "agent_id": message.agent.id if message.agent else None,
        "text": message.text,
        "sent_at": sent_at,
    }


def segment_for(conversation: Conversation, segments: list[Segment], author: str, sent_at: datetime) -> Segment:
    """The first part that had not ended by then; a later visitor's or agent's message opens a new one."""
    for segment in segments:
        if segment.ended_at is None or sent_at <= segment.ended_at:
            return segment
    if author in OPENERS:
        open_segment(conversation, segments, sent_at)
    return segments[-1]


def insert_messages(
    conversation: Conversation, segments: Sequence[Segment], rows: list[dict[str, Any]], now: datetime
) -> None:
    """Insert the rows, move the pins of the parts they joined, and tell who follows: once for each part."""
    db.session.execute(insert(Message), rows)
    conversation.latest_at = now
    joined = {row["segment_id"] for row in rows}
    for segment in segments:
        if segment.id in joined:
            set_pin(segment)
            publish(
                db.session,
                conversation.site_id,
                "message.added",
                at=now,
                conversation_id=conversation.id,
                segment_id=segment.id,
            )
    db.session.flush()
