"""What is said in a conversation, and where a part of it ends."""

from __future__ import annotations

from marshmallow import fields

from ...conversations.models import AUTHORS
from ...invitations.manual import MAX_NOTE_LENGTH
from ...web.fields import Boolean, Choice, ListOf, Nested, Strict, Text, Timestamp
from ..fields import At, Out, external

MAX_MESSAGE_LENGTH = 20_000
MAX_MESSAGES = 500


class MessageIn(Strict):
    """One message. Sending it again does no harm: it is known by its external_id."""

    external_id = external(required=True)
    author = Choice(*AUTHORS, required=True)
    agent = external(allow_none=True, metadata={"description": "The external_id of the agent who wrote it."})
    text = Text(max_length=MAX_MESSAGE_LENGTH, required=True)
    sent_at = Timestamp(allow_none=True, metadata={"description": "Left out: now. A moment to come is taken as now."})


class MessagesIn(Strict):
    """Several messages, in any order."""

    messages = ListOf(Nested(MessageIn), max_length=MAX_MESSAGES, min_length=1, required=True)


class EndIn(Strict):
    """The end of the open part."""

    ended_at = Timestamp(metadata={"description": "Left out: now."})
    closer = external(metadata={"description": "The external_id of the agent who closed it."})
    ask = Boolean(load_default=True, metadata={"description": "false closes without asking."})
    note = Text(
        max_length=MAX_NOTE_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "Why nobody is asked, in the closer's own words; only with `ask` false."},
    )


class AskIn(Strict):
    """A question by hand."""

    agent = external(metadata={"description": "The external_id of the agent who asks."})


class StoredMessage(Out):
    """Where a message went."""

    external_id = fields.String()
    id = fields.UUID()
    segment = fields.Integer(metadata={"description": "The number of its segment."})


class StoredMessagesOut(Out):
    """The messages as they are stored, in the order they were sent in."""

    messages = fields.List(fields.Nested(StoredMessage))


class EndOut(Out):
    """What was decided at the end of a segment."""

    segment = fields.Integer(metadata={"description": "The number of the segment."})
    ended_at = At()
    asked = fields.Boolean()
    status = fields.String()
    reason = fields.String(allow_none=True, metadata={"description": "Why nobody was asked: a stable word."})
    reason_text = fields.String(allow_none=True)


class ReopenOut(Out):
    """The new open segment."""

    segment = fields.Integer()
    opened_at = At()
