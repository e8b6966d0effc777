"""What was answered, and what it was before."""

from __future__ import annotations

from flask import current_app
from marshmallow import fields

from ...ratings.models import VOTE_STATUSES
from ...surveys.questions.kinds import ANSWERED
from ...surveys.scales import SCALES, SENTIMENTS
from ..fields import At, Out, one_of


class AnswerOut(Out):
    """One answer: the number, its sentiment and its word."""

    score = fields.Integer()
    scale = fields.String(metadata={"description": one_of(SCALES)})
    satisfied = fields.Boolean(
        attribute="is_satisfied",
        metadata={"description": "Positive of three, up of two, top two of five and seven, 8-10 of ten, promoters."},
    )
    sentiment = fields.String(metadata={"description": one_of(SENTIMENTS.values())})
    word = fields.String()
    look = fields.String()


class HistoryEntryOut(Out):
    """One stored submission; an answer of null is a removal."""

    answer = fields.Nested(AnswerOut, allow_none=True)
    comment = fields.String(allow_none=True)
    at = At()
    recovery = fields.Boolean()


class ReasonOut(Out):
    """A reason that was tapped."""

    reason = fields.String(metadata={"description": "Its key in the revision."})
    word = fields.String()


class FollowUpAnswerOut(Out):
    """The answer to a follow-up question."""

    question_id = fields.String(metadata={"description": "Its id in the revision."})
    kind = fields.String(metadata={"description": one_of(ANSWERED)})
    question = fields.String()
    value = fields.Raw(metadata={"description": "A choice's key, a list of keys, a number, or what was written."})
    word = fields.String()


class CorrectionOut(Out):
    """The last change of mind."""

    before = fields.Nested(AnswerOut)
    after_seconds = fields.Function(lambda correction: round(correction.after.total_seconds()))
    recovery = fields.Boolean()


def screenshot_url(rating: object) -> str | None:
    """`rating` has `vote_id` and `screenshot`, as attributes or as items."""
    told = rating if isinstance(rating, dict) else vars(rating)
    if told["screenshot"] is None:
        return None
    return f"{current_app.config['PUBLIC_URL']}/api/v1/votes/{told['vote_id']}/screenshot"


class ScreenshotOut(Out):
    """A picture that the visitor added."""

    width = fields.Integer(metadata={"description": "In pixels."})
    height = fields.Integer()
    size = fields.Integer(metadata={"description": "In bytes."})
    at = At()


class ExclusionOut(Out):
    """Who took a vote out of the counts, and why."""

    at = At()
    by = fields.String()
    reason = fields.String(allow_none=True, metadata={"description": "null once its visitor was erased."})


class RatingOut(Out):
    """The vote of a segment. `answer` is null once the visitor removed it."""

    vote = fields.UUID(attribute="vote_id")
    answer = fields.Nested(AnswerOut, allow_none=True)
    comment = fields.String(allow_none=True)
    reasons = fields.List(fields.Nested(ReasonOut))
    answers = fields.List(fields.Nested(FollowUpAnswerOut))
    screenshot = fields.Nested(ScreenshotOut, allow_none=True)
    screenshot_url = fields.Function(
        screenshot_url, metadata={"description": "Where it is, for the same API key; null when there is none."}
    )
    at = At()
    first_at = At()
    changed_at = At()
    verified = fields.Boolean()
    status = fields.String(metadata={"description": one_of(VOTE_STATUSES)})
    status_reason = fields.String(allow_none=True)
    excluded = fields.Nested(ExclusionOut, allow_none=True)
    corrected = fields.Nested(CorrectionOut, attribute="correction", allow_none=True)
