"""Schemas of an agent's scores over time."""

from __future__ import annotations

from marshmallow import fields

from ...reports.scores import PERIODS, SCORED_STATUSES
from ...web.fields import Choice
from ..fields import Day, Out


class ScoresQuery(Out):
    """Filters and periods of an agent's scores."""

    by = Choice(*PERIODS, load_default="week")
    excluded = Choice(
        *SCORED_STATUSES, load_default="without", metadata={"description": "Whether excluded votes are included."}
    )
    since = Day(metadata={"description": "First day, in the site's time zone."})
    until = Day(metadata={"description": "Day after the last one."})


class ScoreOut(Out):
    """Numbers of votes by sentiment."""

    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()
    answered = fields.Integer()
    satisfied = fields.Float(allow_none=True, metadata={"description": "Share of positive votes, 0 to 1."})
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        metadata={"description": "95 % confidence interval of the share (Wilson); wide for few votes."},
    )


class PeriodOut(ScoreOut):
    """A period with at least one vote."""

    start = fields.Date(metadata={"description": "First day of the period; weeks begin on Monday."})


class ScoresOut(Out):
    """The scores of an agent, oldest period first."""

    total = fields.Nested(ScoreOut)
    periods = fields.List(fields.Nested(PeriodOut))
