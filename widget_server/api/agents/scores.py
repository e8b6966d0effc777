"""What the visitors of an agent answered, over time."""

from __future__ import annotations

from marshmallow import fields

from ...reports.scores import PERIODS, VOTE_STATUSES
from ...web.fields import Choice
from ..fields import Day, Out


class ScoresQuery(Out):
    """Which answers, in which periods."""

    by = Choice(*PERIODS, load_default="week")
    excluded = Choice(
        *VOTE_STATUSES, load_default="without", metadata={"description": "Whether excluded votes are summed, too."}
    )
    since = Day(metadata={"description": "The first day, on the site."})
    until = Day(metadata={"description": "The first day that no longer counts."})


class ScoreOut(Out):
    """Answers by their sentiment."""

    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()
    answered = fields.Integer()
    satisfied = fields.Float(allow_none=True, metadata={"description": "The share of positive answers, 0 to 1."})
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        metadata={"description": "Within which the share lies in 95 of 100 cases (Wilson): wide for few answers."},
    )


class PeriodOut(ScoreOut):
    """One period in which somebody answered."""

    start = fields.Date(metadata={"description": "Its first day; weeks begin on Monday."})


class ScoresOut(Out):
    """Oldest period first."""

    total = fields.Nested(ScoreOut)
    periods = fields.List(fields.Nested(PeriodOut))
