"""Conversations as the back end tells of them, and as they are read."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields, validate

from ...conversations.models import CHANNELS
from ...conversations.service import MAX_CUSTOM_FIELDS
from ...inbox.conversation_filter import HISTORY_FILTERS, LIST_STATUSES, MAX_VALUE_LENGTH, SENTIMENT_FILTERS
from ...inbox.transcripts import SegmentStatus
from ...invitations.rules import REASONS
from ...web.fields import Choice, MappingOf, Strict, Text, Timestamp
from ..fields import LANGUAGE, At, NextCursor, Out, PageQuery, QueryInteger, external, line, one_of
from ..votes.ratings import RatingOut

MAX_READ, USUALLY_READ = 5_000, 400
BROWSER = validate.Regexp(r"[0-9a-f]{64}\Z", error="Give the SHA-256 of the browser's secret as 64 hex digits.")


class ConversationIn(Strict):
    """What is known of a conversation. What is left out stays; null clears it."""

    browser = Text(
        max_length=64,
        validate=[BROWSER],
        metadata={"description": "What `tilfreds.browser()` gave the page at the chat's start: proves that browser."},
    )
    visitor = external(metadata={"description": "The owner's own id of the visitor, whom the back end vouches for."})
    title = line(300)
    channel = Choice(*CHANNELS)
    customer_reference = line(200)
    case_type = line(200)
    product_area = line(200)
    touchpoint = line(200)
    team = line(200)
    language = Text(max_length=35, validate=[LANGUAGE], allow_none=True)
    page = line(500)
    custom_fields = MappingOf(
        Text(max_length=60, min_length=1, line=True), Text(max_length=500), max_length=MAX_CUSTOM_FIELDS
    )
    queued_at = Timestamp(allow_none=True)
    accepted_at = Timestamp(allow_none=True)
    escalated_at = Timestamp(allow_none=True)


class ConversationsQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    status = Choice(*LIST_STATUSES, load_default="all")
    sentiment = Choice(*SENTIMENT_FILTERS, metadata={"description": "Sentiment of the last rated segment."})
    reason = Choice(*REASONS, metadata={"description": "The reason why no invitation was sent."})
    history = Choice(*HISTORY_FILTERS, metadata={"description": "Recovered to a better answer, or asked again."})
    agent = external(metadata={"description": "The external_id of an agent who wrote in it."})
    team = Text(max_length=MAX_VALUE_LENGTH, min_length=1, line=True)
    channel = Choice(*CHANNELS)
    tag = Text(
        max_length=MAX_VALUE_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "Its case type, product area or touchpoint."},
    )
    q = Text(
        max_length=MAX_VALUE_LENGTH,
        min_length=1,
        metadata={"description": "Words of a comment; capitals do not matter."},
    )


class ConversationQuery(Strict):
    """How much of a long conversation is read."""

    messages = QueryInteger(
        min_value=1,
        max_value=MAX_READ,
        load_default=USUALLY_READ,
        metadata={"description": "The newest so many messages."},
    )


class ConversationFacts(Out):
    """A conversation without what was said in it."""

    id = fields.UUID()
    external_id = fields.String(allow_none=True, metadata={"description": "Null when only a page claimed it."})
    claimed_id = fields.String(allow_none=True, metadata={"description": "What an unproven page called it."})
    visitor = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    channel = fields.String()
    customer_reference = fields.String(allow_none=True)
    case_type = fields.String(allow_none=True)
    product_area = fields.String(allow_none=True)
    touchpoint = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    page = fields.String(allow_none=True)
    custom_fields = fields.Dict(keys=fields.String(), values=fields.String())
    queued_at = At()
    accepted_at = At()
    escalated_at = At()
    created_at = At()
    latest_at = At()
    erased_at = At()


class MessageOut(Out):
    """One message."""

    id = fields.UUID()
    external_id = fields.String()
    author = fields.String()
    agent = fields.String(allow_none=True, metadata={"description": "The agent's name."})
    text = fields.String()
    sent_at = At()


class SegmentOut(Out):
    """The part between two closes, with its rating or the reason why it has none."""

    id = fields.UUID()
    number = fields.Integer()
    opened_at = At()
    ended_at = At()
    ended_by = fields.String(allow_none=True)
    messages = fields.List(fields.Nested(MessageOut))
    pin = fields.String(
        allow_none=True,
        metadata={"description": "external_id of the message the rating stands under; null puts it at the end."},
    )
    agents = fields.List(fields.String())
    credited = fields.List(fields.String(), metadata={"description": "Who of them is credited with the rating."})
    credit = fields.String(metadata={"description": "By which rule: all, closer or last."})
    team = fields.String(allow_none=True)
    status = fields.String(metadata={"description": one_of(get_args(SegmentStatus))})
    reason = fields.String(allow_none=True)
    reason_text = fields.String(allow_none=True)
    rating = fields.Nested(RatingOut, allow_none=True)


class ConversationOut(ConversationFacts):
    """A conversation with everything in it."""

    earlier = fields.Boolean(metadata={"description": "Whether earlier messages were left out."})
    segments = fields.List(fields.Nested(SegmentOut))


class ConversationLine(Out):
    """A line of the list; its status is that of the last segment that was asked."""

    id = fields.UUID()
    external_id = fields.String(allow_none=True)
    claimed_id = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    channel = fields.String()
    language = fields.String(allow_none=True)
    latest_at = At()
    status = fields.String()
    reason = fields.String(allow_none=True)
    reason_text = fields.String(allow_none=True)
    rating = fields.Nested(RatingOut, allow_none=True)
    unread_since = At(metadata={"description": "When the answer came that nobody at the console has looked at."})
    asked_again = fields.Boolean(metadata={"description": "Whether a later segment was asked too."})


class ConversationsOut(Out):
    """The latest conversations first."""

    conversations = fields.List(fields.Nested(ConversationLine))
    next_cursor = NextCursor()


class InvitationOut(Out):
    """One row of the ledger: an asking, or a decision not to ask."""

    id = fields.UUID()
    segment = fields.Integer(allow_none=True)
    attempt = fields.Integer()
    status = fields.String()
    reason = fields.String(allow_none=True)
    reason_text = fields.String(allow_none=True)
    channel = fields.String()
    source = fields.String()
    proof = fields.String()
    revision = fields.UUID(attribute="revision_id", allow_none=True)
    context = fields.Dict(metadata={"description": "What was true when it was decided, frozen."})
    decided_at = At()
    shown_at = At()
    dismissed_at = At()
    voted_at = At()
    withdrawn_at = At()
    expires_at = At()


class InvitationsOut(Out):
    """The ledger of a conversation, in order."""

    invitations = fields.List(fields.Nested(InvitationOut))
