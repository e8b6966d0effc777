"""Schemas of ratings and their history."""

from __future__ import annotations

from flask import current_app
from marshmallow import fields

from ...ratings.models import VOTE_STATUSES
from ...surveys.questions.kinds import ANSWERED
from ...surveys.scales import LOOKS, SCALES, SENTIMENTS
from ..fields import At, Out, word


class AnswerOut(Out):
    """An answer: its score, sentiment and label."""

    score = fields.Integer()
    scale = word(SCALES)
    satisfied = fields.Boolean(
        attribute="is_satisfied",
        metadata={"description": "Top of three, thumbs up, top two of five and seven, 8-10 of ten, or a promoter."},
    )
    sentiment = word(dict.fromkeys(SENTIMENTS.values()))
    look = word(LOOKS)
    word = fields.String()


class HistoryEntryOut(Out):
    """A stored submission. An `answer` of null is a removal."""

    number = fields.Integer(metadata={"description": "Grows with each entry, with gaps."})
    answer = fields.Nested(AnswerOut, allow_none=True)
    comment = fields.String(allow_none=True)
    at = At()
    recovery = fields.Boolean()


class ReasonOut(Out):
    """A chosen reason."""

    reason = fields.String(metadata={"description": "Key in the revision."})
    word = fields.String()


class FollowUpAnswerOut(Out):
    """An answer to a follow-up question."""

    question_id = fields.String(metadata={"description": "Id in the revision."})
    kind = word(ANSWERED)
    question = fields.String()
    value = fields.Raw(metadata={"description": "Key of a choice, list of keys, number or text."})
    word = fields.String()


class CorrectionOut(Out):
    """The last change of the answer."""

    before = fields.Nested(AnswerOut)
    after_seconds = fields.Function(lambda correction: round(correction.after.total_seconds()))
    recovery = fields.Boolean()


def screenshot_url(rating: object) -> str | None:
    """Return the address of a rating's screenshot, or None.

    `rating` has `vote_id` and `screenshot`, as attributes or as items.
    """
    values = rating if isinstance(rating, dict) else vars(rating)
    if values["screenshot"] is None:
        return None
    return f"{current_app.config['PUBLIC_URL']}/api/v1/votes/{values['vote_id']}/screenshot"


class ScreenshotOut(Out):
    """A screenshot that the visitor added."""

    width = fields.Integer(metadata={"description": "Width in pixels."})
    height = fields.Integer(metadata={"description": "Height in pixels."})
    size = fields.Integer(metadata={"description": "Size in bytes."})
    at = At()


class ExclusionOut(Out):
    """The exclusion of a vote from the scores."""

    at = At()
    by = fields.String()
    reason = fields.String(allow_none=True, metadata={"description": "Null after the visitor was erased."})


class RatingOut(Out):
    """The vote of a segment. `answer` is null after the visitor removed it."""

    vote = fields.UUID(attribute="vote_id")
    answer = fields.Nested(AnswerOut, allow_none=True)
    comment = fields.String(allow_none=True)
    reasons = fields.List(fields.Nested(ReasonOut))
    answers = fields.List(fields.Nested(FollowUpAnswerOut))
    screenshot = fields.Nested(ScreenshotOut, allow_none=True)
    screenshot_url = fields.Function(
        screenshot_url, metadata={"description": "Address for the same API key; null without a screenshot."}
    )
    at = At()
    first_at = At(metadata={"description": "The first press, as the page reported its age."})
    received_at = At(metadata={"description": "When the first submission arrived."})
    changed_at = At()
    updated_at = At(metadata={"description": "Last change of any field, such as an exclusion or an erasure."})
    verified = fields.Boolean()
    status = word(VOTE_STATUSES)
    status_reason = fields.String(allow_none=True)
    excluded = fields.Nested(ExclusionOut, allow_none=True)
    erased_at = At(metadata={"description": "When the words and the picture were erased."})
    imported_at = At(metadata={"description": "Time of its import from another system; null: given here."})
    corrected = fields.Nested(CorrectionOut, attribute="correction", allow_none=True)
