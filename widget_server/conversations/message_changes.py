"""Later versions of stored messages: an edited text, an agent that is named or corrected later, a removal.

Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import update

from ..core import clock
from ..core.errors import Conflict, NotFound
from ..events.publish import publish
from ..storage.db import db
from .conversation_agents import refresh_agents
from .models import Agent, Conversation, Message
from .queries import find_message

#: The columns that are compared with a later version.
CONTENT = (
    Message.id,
    Message.external_id,
    Message.segment_id,
    Message.author,
    Message.agent_id,
    Message.text,
    Message.edited_at,
    Message.removed_at,
)


class Version(Protocol):
    """A version of a message, which may be older than the stored one."""

    @property
    def text(self) -> str: ...
    @property
    def agent(self) -> Agent | None: ...
    @property
    def edited_at(self) -> datetime | None: ...


def find_changes(
    conversation: Conversation, content: Mapping[str, Any], version: Version, now: datetime
) -> dict[str, Any]:
    """Return the columns that a later version of a message changes. An older version changes nothing.

    Without `edited_at` a version is as new as its arrival. One without an agent keeps the agent. A removed message
    stays removed, and an erased text erased.
    """
    edited_at = min(version.edited_at, now) if version.edited_at else None
    is_older = edited_at is not None and content["edited_at"] is not None and edited_at < content["edited_at"]
    if content["removed_at"] is not None or conversation.erased_at is not None or is_older:
        return {}
    changes: dict[str, Any] = {}
    if version.text != content["text"]:
        changes = {"text": version.text, "edited_at": edited_at or now}
    elif edited_at is not None and edited_at != content["edited_at"]:
        changes = {"edited_at": edited_at}
    if version.agent is not None and version.agent.id != content["agent_id"]:
        changes["agent_id"] = version.agent.id
    return changes


def change_messages(
    conversation: Conversation, changes_by_id: Mapping[UUID, Mapping[str, Any]], now: datetime, kind: str = "changed"
) -> None:
    """Write the changed columns of stored messages, and publish one event for each message."""
    if changes_by_id:
        conversation.updated_at = now
    for message_id, columns in sorted(changes_by_id.items()):
        segment_id = db.session.scalar(
            update(Message)
            .where(Message.site_id == conversation.site_id, Message.id == message_id)
            .values(**columns)
            .returning(Message.segment_id)
        )
        publish(
            db.session,
            conversation.site_id,
            f"message.{kind}",
            at=now,
            conversation_id=conversation.id,
            segment_id=segment_id,
        )
    if any("agent_id" in columns for columns in changes_by_id.values()):
        refresh_agents(conversation)


def get_message(conversation: Conversation, external_id: str) -> Message:
    """Return a message of the conversation. Raises `NotFound`."""
    message = find_message(conversation, external_id)
    if message is None:
        raise NotFound("Message not found. Send it with POST /api/v1/conversations/{id}/messages first.")
    return message


def edit_message(conversation: Conversation, external_id: str, fields: Mapping[str, Any]) -> Message:
    """Change the `text`, the `agent_id` or both of a message, as of `edited_at`, and return it.

    A version older than the stored one changes nothing. Raises `NotFound`, or `Conflict` if the message was removed or
    the visitor erased.
    """
    message, now = get_message(conversation, external_id), clock.now()
    if message.removed_at is not None:
        raise Conflict("The message was removed. Send a new one with a new id.", code="removed")
    if conversation.erased_at is not None:
        raise Conflict("The visitor was erased, so the message cannot be changed.", code="erased")
    edited_at = min(fields.get("edited_at") or now, now)
    columns = {name: fields[name] for name in ("text", "agent_id") if name in fields}
    columns = {name: value for name, value in columns.items() if value != getattr(message, name)}
    if "text" in columns:
        columns["edited_at"] = edited_at
    if columns and (message.edited_at is None or message.edited_at <= edited_at):
        change_messages(conversation, {message.id: columns}, now)
        db.session.refresh(message)
    return message


def remove_message(conversation: Conversation, external_id: str) -> Message:
    """Delete the text and the agent of a message and return it. Its place in the transcript stays."""
    message, now = get_message(conversation, external_id), clock.now()
    if message.removed_at is None:
        columns = {"text": "", "agent_id": None, "removed_at": now}
        change_messages(conversation, {message.id: columns}, now, kind="removed")
        db.session.refresh(message)
    return message
