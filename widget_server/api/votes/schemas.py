"""Schemas of votes and subjects. They never contain the client's secret or token."""

from __future__ import annotations

from marshmallow import fields

from ...conversations.models import CHANNELS
from ...ratings.exclusions import MAX_REASON_LENGTH
from ...ratings.models import VOTE_STATUSES
from ...subjects.service import KINDS
from ...surveys.scales import MAX_SCORE
from ...web.fields import Choice, Id, Strict, Text, Timestamp
from ..fields import At, DayOrTimestamp, NextCursor, Out, PageQuery, QueryBoolean, QueryInteger, external, word
from .ratings import HistoryEntryOut, RatingOut, screenshot_url

#: The channel of votes without a conversation.
PAGE = "page"


class VotesQuery(PageQuery):
    """Filters of the list, combined with AND."""

    changed_since = Timestamp(
        metadata={"description": "Changed at this time or later; sorts by the last change, the oldest first."}
    )
    since = DayOrTimestamp(metadata={"description": "First pressed on this day, at this time or later."})
    until = DayOrTimestamp(metadata={"description": "First pressed before this day or time."})
    score = QueryInteger(min_value=0, max_value=MAX_SCORE)
    agent = external(metadata={"description": "external_id of an agent of the vote."})
    channel = Choice(*CHANNELS, PAGE)
    survey = Id()
    subject = Text(
        max_length=500,
        min_length=1,
        metadata={"description": "external_id of a conversation, address of an article, …"},
    )
    kind = Text(max_length=40, min_length=1, line=True, metadata={"description": "conversation, article, page, order"})
    verified = QueryBoolean(metadata={"description": "Whether the visitor's identity was verified."})
    status = Choice(*VOTE_STATUSES)
    imported = QueryBoolean(metadata={"description": "Whether it was imported from another system."})
    recovery = QueryBoolean(metadata={"description": "Whether the current answer is a recovery."})


class ExclusionIn(Strict):
    """The reason for an exclusion, and who decided it."""

    reason = Text(max_length=MAX_REASON_LENGTH, min_length=1, required=True)
    by = Text(
        max_length=200, min_length=1, line=True, metadata={"description": "Who decided it; default: the key's name."}
    )


class DecisionIn(Strict):
    """The person who restores a vote or erases its words."""

    by = Text(max_length=200, min_length=1, line=True, metadata={"description": "Default: the key's name."})


class VoteOut(RatingOut):
    """A vote. `answer` is null after the visitor removed it."""

    id = fields.UUID(attribute="vote_id")
    kind = word(["conversation", "invitation", *KINDS])
    subject = fields.String(allow_none=True)
    segment = fields.Integer(allow_none=True, metadata={"description": "Number of the conversation's segment."})
    pin = fields.String(allow_none=True, metadata={"description": "external_id of the message above the rating."})
    channel = word([*CHANNELS, PAGE])
    survey = fields.UUID(attribute="survey_id")
    revision = fields.UUID(attribute="revision_id")
    visitor = fields.String(allow_none=True)
    agents = fields.List(fields.String(), metadata={"description": "Names at the time of the invitation."})
    agent_ids = fields.List(
        fields.String(allow_none=True), metadata={"description": "external_ids of `agents`, in the same order."}
    )
    team = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    page = fields.String(allow_none=True)
    voted_on = fields.Date(metadata={"description": "Day of the first press in the site's time zone; never changes."})

    class Meta:
        exclude = ("vote",)


class HistoryQuery(Out):
    """The first number and the size of a page of a vote's history."""

    after = QueryInteger(min_value=0, max_value=2**31 - 1, load_default=0)
    limit = QueryInteger(min_value=1, max_value=50, load_default=20)


class HistoryOut(Out):
    """A page of a vote's history, oldest entry first."""

    history = fields.List(fields.Nested(HistoryEntryOut))
    next_after = fields.Integer(allow_none=True, metadata={"description": "`after` of the next page; null at the end."})


class VotesOut(Out):
    """A page of votes, newest first."""

    votes = fields.List(fields.Nested(VoteOut))
    next_cursor = NextCursor()
    changed_until = At(metadata={"description": "Only with changed_since: all changes before this time are listed."})


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
    """Numbers of counted votes by sentiment."""

    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()


class SubjectOut(Out):
    """An article or another subject with its counts and latest comments."""

    id = fields.UUID()
    kind = word(KINDS)
    subject = fields.String()
    counts = fields.Nested(CountsOut)
    answered = fields.Integer()
    impressions = fields.Integer(data_key="shown", metadata={"description": "Number of impressions of the survey."})
    dismissed = fields.Integer()
    suspected = fields.Integer(metadata={"description": "Votes of surges and of staff, which are not counted."})
    comments = fields.List(fields.Nested(CommentOut), metadata={"description": "Latest comments, newest first."})


class SubjectsQuery(Out):
    """The kind of the subjects, and the page of the list."""

    kind = Text(max_length=40, min_length=1, line=True, load_default="article")
    offset = QueryInteger(min_value=0, max_value=1_000_000, load_default=0)
    limit = QueryInteger(min_value=1, max_value=200, load_default=50)


class SubjectsOut(Out):
    """A page of subjects, those with the most votes first."""

    subjects = fields.List(fields.Nested(SubjectOut))
    total = fields.Integer()
