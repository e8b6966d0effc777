"""Schemas of conversations."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields, validate

from ...conversations.models import AUTHORS, CHANNELS
from ...conversations.service import MAX_CUSTOM_FIELDS
from ...inbox.conversation_filter import HISTORY_FILTERS, LIST_STATUSES, MAX_VALUE_LENGTH, SENTIMENT_FILTERS
from ...inbox.transcripts import Proof, SegmentStatus
from ...invitations.models import SOURCES
from ...invitations.models import STATUSES as INVITATION_STATUSES
from ...invitations.rules import REASONS
from ...sites.service import CREDIT
from ...web.fields import Choice, MappingOf, Strict, Text, Timestamp
from ..fields import LANGUAGE, At, NextCursor, Out, PageQuery, QueryInteger, external, line, word
from ..votes.ratings import RatingOut

MAX_RETURNED_MESSAGES, DEFAULT_RETURNED_MESSAGES = 5_000, 400
BROWSER = validate.Regexp(
    r"[0-9a-f]{64}\Z", error="Browser must be the SHA-256 of the browser's secret: 64 lower-case hexadecimal digits."
)


class ConversationIn(Strict):
    """The fields of a conversation. A missing field stays unchanged; null clears it."""

    browser = Text(
        max_length=64,
        validate=[BROWSER],
        metadata={"description": "Result of `tilfreds.browser()` at the start of the chat; verifies that browser."},
    )
    visitor = external(metadata={"description": "The owner's id of the visitor, which the back end has verified."})
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


class MergeIn(Strict):
    """The conversation that takes over everything."""

    into = external(required=True, metadata={"description": "external_id of the other conversation."})


class ConversationsQuery(PageQuery):
    """Filters of the list, combined with AND."""

    changed_since = Timestamp(
        metadata={"description": "Changed at this time or later; sorts by the last change, the oldest first."}
    )
    status = Choice(*LIST_STATUSES, load_default="all")
    sentiment = Choice(*SENTIMENT_FILTERS, metadata={"description": "Sentiment of the last rated segment."})
    reason = Choice(*REASONS, metadata={"description": "The reason why no invitation was sent."})
    history = Choice(*HISTORY_FILTERS, metadata={"description": "Changed to a better answer, or asked again."})
    agent = external(metadata={"description": "external_id of an agent who wrote in the conversation."})
    team = Text(max_length=MAX_VALUE_LENGTH, min_length=1, line=True)
    channel = Choice(*CHANNELS)
    tag = Text(
        max_length=MAX_VALUE_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "Case type, product area or touchpoint."},
    )
    q = Text(
        max_length=MAX_VALUE_LENGTH,
        min_length=1,
        metadata={"description": "Words of a comment; case does not matter."},
    )


class ConversationQuery(Strict):
    """The number of messages to return."""

    messages = QueryInteger(
        min_value=1,
        max_value=MAX_RETURNED_MESSAGES,
        load_default=DEFAULT_RETURNED_MESSAGES,
        metadata={"description": "Number of messages to return, newest first."},
    )


class ConversationFacts(Out):
    """A conversation without its messages."""

    id = fields.UUID()
    external_id = fields.String(allow_none=True, metadata={"description": "Null if only a page reported it."})
    unverified_id = fields.String(allow_none=True, metadata={"description": "Id that an unverified page sent."})
    visitor = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    channel = word(CHANNELS)
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
    updated_at = At(metadata={"description": "Last change of any field, message, invitation or rating."})
    erased_at = At()


class MessageOut(Out):
    """A message of a conversation."""

    id = fields.UUID()
    external_id = fields.String()
    author = word(AUTHORS)
    agent = fields.String(allow_none=True, metadata={"description": "The agent's name."})
    agent_id = fields.String(allow_none=True, metadata={"description": "external_id of the agent."})
    text = fields.String(metadata={"description": "Empty if the message was removed or its visitor erased."})
    sent_at = At()
    edited_at = At(metadata={"description": "Time of the newest change of the text; null: never changed."})
    removed_at = At()


class SegmentOut(Out):
    """A segment with its rating, or the reason why it has none."""

    id = fields.UUID()
    number = fields.Integer()
    opened_at = At()
    ended_at = At()
    ended_by = fields.String(allow_none=True)
    messages = fields.List(fields.Nested(MessageOut))
    pin = fields.String(
        allow_none=True,
        metadata={"description": "external_id of the message above the rating; null shows it at the end."},
    )
    agents = fields.List(fields.String(), metadata={"description": "Names of the agents who answered."})
    agent_ids = fields.List(
        fields.String(allow_none=True), metadata={"description": "external_ids of `agents`, in the same order."}
    )
    credited = fields.List(fields.String(), metadata={"description": "Agents who get the credit for the rating."})
    credited_ids = fields.List(
        fields.String(allow_none=True), metadata={"description": "external_ids of `credited`, in the same order."}
    )
    credit = word(CREDIT)
    team = fields.String(allow_none=True)
    status = word(get_args(SegmentStatus))
    reason = word(REASONS, allow_none=True)
    reason_text = fields.String(allow_none=True)
    rating = fields.Nested(RatingOut, allow_none=True)


class ConversationOut(ConversationFacts):
    """A conversation with its segments, messages and ratings."""

    earlier = fields.Boolean(metadata={"description": "Whether there are earlier messages."})
    segments = fields.List(fields.Nested(SegmentOut))


class ConversationLine(Out):
    """A row of the list. Its status is that of the last segment with an invitation."""

    id = fields.UUID()
    external_id = fields.String(allow_none=True)
    unverified_id = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    channel = word(CHANNELS)
    language = fields.String(allow_none=True)
    latest_at = At()
    updated_at = At(metadata={"description": "Last change of any field, message, invitation or rating."})
    status = word(get_args(SegmentStatus))
    reason = word(REASONS, allow_none=True)
    reason_text = fields.String(allow_none=True)
    rating = fields.Nested(RatingOut, allow_none=True)
    unread_since = At(metadata={"description": "Time of the rating that no user of the console has opened yet."})
    asked_again = fields.Boolean(metadata={"description": "Whether the visitor was also asked about a later segment."})


class ConversationsOut(Out):
    """A page of conversations, latest first."""

    conversations = fields.List(fields.Nested(ConversationLine))
    next_cursor = NextCursor()
    changed_until = At(metadata={"description": "Only with changed_since: all changes before this time are listed."})


class InvitationOut(Out):
    """A decision to ask or not to ask."""

    id = fields.UUID()
    segment = fields.Integer(allow_none=True)
    attempt = fields.Integer()
    status = word(INVITATION_STATUSES)
    reason = word(REASONS, allow_none=True)
    reason_text = fields.String(allow_none=True)
    channel = word(CHANNELS)
    source = word(SOURCES)
    proof = word(get_args(Proof))
    revision = fields.UUID(attribute="revision_id", allow_none=True)
    context = fields.Dict(metadata={"description": "Facts at the time of the decision."})
    decided_at = At()
    shown_at = At()
    dismissed_at = At()
    voted_at = At()
    withdrawn_at = At()
    expires_at = At()


class InvitationsOut(Out):
    """The invitations of a conversation, oldest first."""

    invitations = fields.List(fields.Nested(InvitationOut))
