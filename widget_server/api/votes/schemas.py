"""Votes as they are read. What a client sends to vote is never among it: neither its secret nor its token."""

from __future__ import annotations

from marshmallow import fields

from ...conversations.models import CHANNELS
from ...ratings.exclusions import MAX_REASON_LENGTH
from ...ratings.models import VOTE_STATUSES
from ...surveys.scales import MAX_SCORE
from ...web.fields import Choice, Id, Strict, Text, Timestamp
from ..fields import At, NextCursor, Out, PageQuery, QueryBoolean, QueryInteger, external
from .ratings import HistoryEntryOut, RatingOut, screenshot_url

#: The channel of votes that no conversation led to.
PAGE = "page"


class VotesQuery(PageQuery):
    """Filters; all that are given must hold."""

    since = Timestamp(metadata={"description": "Pressed first at this moment or later."})
    until = Timestamp(metadata={"description": "Pressed first before this moment."})
    score = QueryInteger(min_value=0, max_value=MAX_SCORE)
    agent = external(metadata={"description": "The external_id of an agent who shares in the vote."})
    channel = Choice(*CHANNELS, PAGE)
    survey = Id()
    subject = Text(
        max_length=500, min_length=1, metadata={"description": "A conversation's external_id, an article's path …"}
    )
    kind = Text(max_length=40, min_length=1, line=True, metadata={"description": "conversation, article, page, order"})
    verified = QueryBoolean(metadata={"description": "Proven to be the visitor's own, or only claimed by a page."})
    status = Choice(*VOTE_STATUSES)
    recovery = QueryBoolean(metadata={"description": "Whether the answer that stands came by a recovery."})


class ExclusionIn(Strict):
    """Why a vote is not to count."""

    reason = Text(max_length=MAX_REASON_LENGTH, min_length=1, required=True)
    by = Text(
        max_length=200, min_length=1, line=True, metadata={"description": "Who decided it. Left out: the key's name."}
    )


class RestorationIn(Strict):
    """Who lets it count again."""

    by = Text(max_length=200, min_length=1, line=True, metadata={"description": "Left out: the key's name."})


class AuditQuery(Out):
    """Which part of the log."""

    after = QueryInteger(min_value=0, max_value=2**31 - 1, load_default=0)
    limit = QueryInteger(min_value=1, max_value=200, load_default=50)


class AuditEntryOut(Out):
    """One decision; `hash` covers the entry and the one before."""

    number = fields.Integer()
    at = At()
    actor = fields.String()
    action = fields.String()
    target = fields.String()
    detail = fields.Dict()
    previous_hash = fields.String()
    hash = fields.String()


class AuditOut(Out):
    """Oldest first."""

    entries = fields.List(fields.Nested(AuditEntryOut))


class VoteOut(RatingOut):
    """A vote. `answer` is null once the visitor removed it."""

    id = fields.UUID(attribute="vote_id")
    kind = fields.String()
    subject = fields.String(allow_none=True)
    segment = fields.Integer(allow_none=True, metadata={"description": "Of a conversation: the segment's number."})
    pin = fields.String(allow_none=True, metadata={"description": "external_id of the message it stands under."})
    channel = fields.String()
    survey = fields.UUID(attribute="survey_id")
    revision = fields.UUID(attribute="revision_id")
    visitor = fields.String(allow_none=True)
    agents = fields.List(fields.String(), metadata={"description": "Their names when the visitor was asked."})
    team = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    page = fields.String(allow_none=True)
    voted_on = fields.Date(metadata={"description": "The day on the site of the first press; never changes."})

    class Meta:
        exclude = ("vote",)


class VoteWithHistory(VoteOut):
    """A vote with every answer since the last removal, oldest first."""

    history = fields.List(fields.Nested(HistoryEntryOut))


class VotesOut(Out):
    """Newest first."""

    votes = fields.List(fields.Nested(VoteOut))
    next_cursor = NextCursor()


class CommentOut(Out):
    """A comment on an article, or a screenshot without one."""

    vote = fields.UUID(attribute="vote_id")
    score = fields.Function(lambda comment: comment.answer and comment.answer.score)
    word = fields.Function(lambda comment: comment.answer and comment.answer.word)
    comment = fields.String(attribute="text", allow_none=True)
    screenshot_url = fields.Function(screenshot_url)
    at = fields.Function(lambda comment: comment.at.isoformat().replace("+00:00", "Z"))
    verified = fields.Boolean()


class CountsOut(Out):
    """Counted answers."""

    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()


class SubjectOut(Out):
    """An article or another thing that was rated."""

    id = fields.UUID()
    kind = fields.String()
    subject = fields.String()
    counts = fields.Nested(CountsOut)
    answered = fields.Integer()
    shown = fields.Integer(metadata={"description": "How often the question came into view."})
    dismissed = fields.Integer()
    comments = fields.List(fields.Nested(CommentOut), metadata={"description": "The latest, newest first."})


class SubjectsQuery(Out):
    """Which kind, and which part of the list."""

    kind = Text(max_length=40, min_length=1, line=True, load_default="article")
    offset = QueryInteger(min_value=0, max_value=1_000_000, load_default=0)
    limit = QueryInteger(min_value=1, max_value=200, load_default=50)


class SubjectsOut(Out):
    """The most answered first."""

    subjects = fields.List(fields.Nested(SubjectOut))
    total = fields.Integer()
