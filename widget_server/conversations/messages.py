"""Messages are stored in batches, each once, in the segment that was open when it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from ..core import clock
from ..core.errors import Invalid
from ..events.publish import publish
from ..storage.db import db, new_id
from . import sender_clock
from .conversation_agents import add_agents
from .message_changes import CONTENT, change_messages, find_changes
from .models import OPENERS, Agent, Conversation, Message, Segment
from .queries import count_stored
from .segments import set_pin
from .service import move_conversation, open_segment


@dataclass(frozen=True)
class NewMessage:
    """A message as the back end sends it; without `sent_at` it was sent now.

    `edited_at` is the time of its text, if it was edited.
    """

    external_id: str
    author: str
    text: str
    agent: Agent | None = None
    sent_at: datetime | None = None
    edited_at: datetime | None = None


@dataclass(frozen=True)
class StoredMessage:
    """A message as it is stored."""

    id: UUID
    external_id: str
    segment: Segment


def store_messages(
    conversation: Conversation, segments: list[Segment], new_messages: Sequence[NewMessage]
) -> list[StoredMessage]:
    """Store these messages and return all of them in their order. One that is stored already takes the newest text.

    `segments` are all that the conversation has; a segment that a message opens is added to them. Raises `Invalid`
    with a pointer, and stores nothing, if a message with the same id and another author is stored already.
    """
    contents = find_contents(conversation, new_messages)
    arrival = count_stored(conversation)
    now = clock.now()
    rows: list[dict[str, Any]] = []
    changes: dict[UUID, dict[str, Any]] = {}
    for position, message in enumerate(new_messages):
        content = contents.get(message.external_id)
        if content is None:
            content = to_row(conversation, segments, message, now) | {"arrival": arrival + len(rows)}
            rows.append(content)
            contents[message.external_id] = content
        elif content["author"] != message.author:
            detail = "A message with this external_id has another author. Send each new message with a new id."
            raise Invalid(detail, code="conflict", pointer=f"/{position}/external_id")
        elif changed_columns := find_changes(conversation, content, message, now):
            content.update(changed_columns)
            changes.setdefault(content["id"], {}).update(changed_columns)
    if rows:
        insert_messages(conversation, segments, rows, now)
    stored_ids = changes.keys() - {row["id"] for row in rows}
    change_messages(conversation, {message_id: changes[message_id] for message_id in stored_ids}, now)
    segments_by_id = {segment.id: segment for segment in segments}
    stored = (contents[message.external_id] for message in new_messages)
    return [StoredMessage(row["id"], row["external_id"], segments_by_id[row["segment_id"]]) for row in stored]


def find_contents(conversation: Conversation, new_messages: Sequence[NewMessage]) -> dict[str, dict[str, Any]]:
    """Return the columns of those messages that are stored already, by `external_id`."""
    ids = {message.external_id for message in new_messages}
    rows = db.session.execute(
        select(*CONTENT).where(
            Message.site_id == conversation.site_id,
            Message.conversation_id == conversation.id,
            Message.external_id.in_(ids),
        )
    )
    return {row.external_id: row._asdict() for row in rows}


def to_row(conversation: Conversation, segments: list[Segment], message: NewMessage, now: datetime) -> dict[str, Any]:
    """Return the columns of a new message."""
    segment = segment_for(conversation, segments, message, now)
    if message.sent_at is not None:
        sender_clock.measure_offset(segment, message.sent_at, now)
        earlier_segment = segments[segments.index(segment) - 1] if segment is not segments[0] else None
        segment.opened_at = min(segment.opened_at, sender_clock.to_our_time(earlier_segment, message.sent_at, now))
    # A sender's clock may run ahead of ours and would date the message in the future.
    sent_at = min(message.sent_at or now, now)
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
        "edited_at": min(message.edited_at, now) if message.edited_at else None,
        "removed_at": None,
    }


def segment_for(conversation: Conversation, segments: list[Segment], message: NewMessage, now: datetime) -> Segment:
    """Return the first segment that had not ended when the message was sent, by its sender's clock.

    If all had ended, a message of a visitor or an agent opens a new one; others join the last one.
    """
    for segment in segments:
        if sender_clock.is_before_end(segment, message.sent_at):
            return segment
    if message.author in OPENERS:
        opened_at = sender_clock.to_our_time(segments[-1], message.sent_at, now) if message.sent_at else now
        open_segment(conversation, segments, opened_at)
    return segments[-1]


def insert_messages(
    conversation: Conversation, segments: Sequence[Segment], rows: list[dict[str, Any]], now: datetime
) -> None:
    """Insert the rows, then move the pin of each segment they belong to and publish one event for it."""
    db.session.execute(insert(Message), rows)
    move_conversation(conversation, max(row["sent_at"] for row in rows))
    add_agents(conversation, {row["agent_id"] for row in rows} - {None})
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
