"""Messages are stored in batches, each once, in the segment that was open when it was sent."""

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

#: Authors whose message opens a new segment after an end. Messages of a system or a bot do not.
OPENERS = ("visitor", "agent")


@dataclass(frozen=True)
class NewMessage:
    """A message as the back end sends it; without `sent_at` it was sent now."""

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
    """Store the new ones of these messages and return all of them in their order.

    `segments` are all that the conversation has; a segment that a message opens is added to them. Raises `Invalid`
    with a pointer, and stores nothing, if a message with the same id and another content is stored already.
    """
    earlier_messages = find_stored_messages(conversation, new_messages, segments)
    arrival = db.session.scalar(select(func.count()).where(*match_conversation(conversation))) or 0
    now = clock.now()
    stored_messages: list[StoredMessage] = []
    rows: list[dict[str, Any]] = []
    for position, message in enumerate(new_messages):
        earlier = earlier_messages.get(message.external_id)
        if earlier is None:
            row = to_row(conversation, segments, message, now) | {"arrival": arrival + len(rows)}
            rows.append(row)
            segment = next(segment for segment in segments if segment.id == row["segment_id"])
            earlier = message, StoredMessage(row["id"], message.external_id, segment)
            earlier_messages[message.external_id] = earlier
        elif (earlier[0].author, earlier[0].text) != (message.author, message.text):
            detail = "A message with this external_id has another content. Send each new message with a new id."
            raise Invalid(detail, code="conflict", pointer=f"/{position}/external_id")
        stored_messages.append(earlier[1])
    if rows:
        insert_messages(conversation, segments, rows, now)
    return stored_messages


def match_conversation(conversation: Conversation) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Message.site_id == conversation.site_id, Message.conversation_id == conversation.id


def find_stored_messages(
    conversation: Conversation, new_messages: Sequence[NewMessage], segments: Sequence[Segment]
) -> dict[str, tuple[NewMessage | Row[UUID, str, UUID, str, str], StoredMessage]]:
    """Return the messages that are stored already, by `external_id`: the content and the stored message."""
    by_id = {segment.id: segment for segment in segments}
    ids = {message.external_id for message in new_messages}
    columns = (Message.id, Message.external_id, Message.segment_id, Message.author, Message.text)
    rows = db.session.execute(select(*columns).where(*match_conversation(conversation), Message.external_id.in_(ids)))
    return {row.external_id: (row, StoredMessage(row.id, row.external_id, by_id[row.segment_id])) for row in rows}


def to_row(conversation: Conversation, segments: list[Segment], message: NewMessage, now: datetime) -> dict[str, Any]:
    """Return the columns of a new message."""
    # A sender's clock may run ahead of ours and would open a segment in the future.
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
    """Return the first segment that had not ended at `sent_at`.

    If all had ended, a message of a visitor or an agent opens a new one; others join the last one.
    """
    for segment in segments:
        if segment.ended_at is None or sent_at <= segment.ended_at:
            return segment
    if author in OPENERS:
        open_segment(conversation, segments, sent_at)
    return segments[-1]


def insert_messages(
    conversation: Conversation, segments: Sequence[Segment], rows: list[dict[str, Any]], now: datetime
) -> None:
    """Insert the rows, then move the pin of each segment they belong to and publish one event for it."""
    db.session.execute(insert(Message), rows)
    conversation.latest_at = now
    segment_ids = {row["segment_id"] for row in rows}
    for segment in segments:
        if segment.id in segment_ids:
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
