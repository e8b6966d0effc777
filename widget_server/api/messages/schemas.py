"""Schemas of messages, and of the end of a segment."""

from __future__ import annotations

from marshmallow import fields

from ...conversations.models import AUTHORS
from ...invitations.manual import MAX_NOTE_LENGTH
from ...invitations.models import STATUSES
from ...invitations.rules import REASONS
from ...web.fields import Boolean, Choice, ListOf, Nested, Strict, Text, Timestamp
from ..conversations.schemas import MessageOut
from ..fields import At, NextCursor, Out, PageQuery, QueryInteger, external, word

MAX_MESSAGE_LENGTH = 20_000
MAX_MESSAGES = 500
#: The messages of a page, unless the caller asks for another number.
DEFAULT_LISTED = 100


class MessageIn(Strict):
    """A message, identified by its external_id. Sent again, it takes the newest text, and the agent if one is named."""

    external_id = external(required=True)
    author = Choice(*AUTHORS, required=True)
    agent = external(allow_none=True, metadata={"description": "external_id of the agent who wrote it."})
    text = Text(max_length=MAX_MESSAGE_LENGTH, required=True)
    sent_at = Timestamp(allow_none=True, metadata={"description": "Your clock's time. Default: now."})

    edited_at = Timestamp(
        allow_none=True,
        metadata={"description": "Time of this text, if it was edited. An older text than the stored one is ignored."},
    )


class MessageEdit(Strict):
    """A change of a stored message. A missing field stays unchanged."""

    text = Text(max_length=MAX_MESSAGE_LENGTH)
    agent = external(allow_none=True, metadata={"description": "external_id of the agent who wrote it; null: unknown."})
    edited_at = Timestamp(metadata={"description": "Default: now. A text older than the stored one is ignored."})


class MessagesIn(Strict):
    """Several messages, in any order."""

    messages = ListOf(Nested(MessageIn), max_length=MAX_MESSAGES, min_length=1, required=True)


class MessagesQuery(PageQuery):
    """The cursor and size of a page of messages."""

    limit = QueryInteger(min_value=1, max_value=MAX_MESSAGES, load_default=DEFAULT_LISTED)


class MessageLineOut(MessageOut):
    """A message with its segment."""

    segment = fields.Integer(metadata={"description": "Number of its segment."})


class MessagesOut(Out):
    """A page of messages, newest first."""

    messages = fields.List(fields.Nested(MessageLineOut))
    next_cursor = NextCursor()


class EndIn(Strict):
    """The end of the open segment."""

    ended_at = Timestamp(metadata={"description": "Your clock's time, as in `sent_at`. Default: now."})
    closer = external(metadata={"description": "external_id of the agent who closed it."})
    ask = Boolean(load_default=True, metadata={"description": "`false` closes without asking."})
    note = Text(
        max_length=MAX_NOTE_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "The closer's reason not to ask; only if `ask` is false."},
    )


class AskIn(Strict):
    """A manual invitation."""

    agent = external(metadata={"description": "external_id of the agent who asks."})


class StoredMessage(Out):
    """A stored message and its segment."""

    external_id = fields.String()
    id = fields.UUID()
    segment = fields.Integer(metadata={"description": "Number of its segment."})


class ChangedMessage(StoredMessage):
    """A message that was edited or removed."""

    edited_at = At()
    removed_at = At()


class StoredMessagesOut(Out):
    """The stored messages, in the order of the request."""

    messages = fields.List(fields.Nested(StoredMessage))


class EndOut(Out):
    """The decision at the end of a segment."""

    segment = fields.Integer(metadata={"description": "Number of the segment."})
    ended_at = At()
    is_asked = fields.Boolean(data_key="asked", attribute="asked")
    status = word(STATUSES)
    reason = word(REASONS, "Why the visitor is not asked.", allow_none=True)
    reason_text = fields.String(allow_none=True)


class ReopenOut(Out):
    """The new open segment."""

    segment = fields.Integer()
    opened_at = At()
