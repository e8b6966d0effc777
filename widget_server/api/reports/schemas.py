"""Schemas of reports."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields

from ...reports.figures import Kind, Verdict
from ...reports.report_filter import AGAINST, EXCLUDED_VALUES, MAX_NAME_LENGTH, REPORT_CHANNELS
from ...reports.scores import PERIODS
from ...surveys.scales import SCALES
from ...web.fields import Choice, Id, Text
from ..fields import Day, Out, QueryBoolean, QueryInteger, external

INTERVAL = {"description": "95 % confidence interval; null without enough votes."}


class OverviewQuery(Out):
    """Filters of a report. They narrow the people asked and their answers alike."""

    since = Day(metadata={"description": "First day, in the site's time zone; default: 30 days before `until`."})
    until = Day(metadata={"description": "Day after the last one; default: tomorrow."})
    against = Choice(
        *AGAINST,
        load_default="before",
        metadata={"description": "Compare with the period directly before, or with the same weekdays 52 weeks before."},
    )
    excluded = Choice(
        *EXCLUDED_VALUES, load_default="without", metadata={"description": "Whether excluded votes are included."}
    )
    channel = Choice(*REPORT_CHANNELS)
    survey = Id()
    weekday = QueryInteger(min_value=0, max_value=6, metadata={"description": "0 is Monday."})
    agent = external(metadata={"description": "external_id of an agent of the vote."})
    article = Text(max_length=MAX_NAME_LENGTH, min_length=1, metadata={"description": "Path of an article."})
    verified = QueryBoolean(metadata={"description": "Whether the visitor's identity was verified."})


class FigureOut(Out):
    """The score of one scale."""

    scale = Choice(*SCALES)
    kind = Choice(
        *get_args(Kind),
        metadata={"description": "share: satisfied, 0 to 1; net: NPS, -100 to 100; mean: of the scale."},
    )
    value = fields.Float(allow_none=True, metadata={"description": "Null below 5 votes."})
    interval = fields.List(fields.Float(), allow_none=True, metadata=INTERVAL)
    answered = fields.Integer()
    is_tentative = fields.Boolean(metadata={"description": "Whether there are fewer than 30 votes."})
    satisfied = fields.Float(allow_none=True, metadata={"description": "Share of positive votes; null below 5 votes."})
    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "Votes by score."})


class TrendPointOut(FigureOut):
    """The figure of a day, week or month."""

    start = fields.Date(metadata={"description": "First day of the period; weeks begin on Monday."})


class ChangeOut(Out):
    """The difference from the earlier period."""

    verdict = Choice(
        *get_args(Verdict),
        metadata={"description": "higher or lower only if the interval of the difference excludes 0."},
    )
    difference = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True, metadata=INTERVAL)


class ScaleReportOut(FigureOut):
    """A scale in use."""

    before = fields.Nested(FigureOut)
    change = fields.Nested(ChangeOut)
    trend_by = Choice(*PERIODS)
    trend = fields.List(fields.Nested(TrendPointOut), metadata={"description": "Oldest first."})


class ResponseRateOut(Out):
    """The people asked, and those of them who answered."""

    asked_count = fields.Integer()
    answered_count = fields.Integer()
    not_asked_count = fields.Integer(metadata={"description": "Cases in which a rule decided not to ask."})
    rate = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True, metadata=INTERVAL)


class PeriodRatesOut(Out):
    """A response rate in both periods."""

    now = fields.Nested(ResponseRateOut)
    before = fields.Nested(ResponseRateOut)


class OverviewOut(Out):
    """A report on a site."""

    since = fields.Date()
    until = fields.Date(metadata={"description": "Day after the last one."})
    scales = fields.List(
        fields.Nested(ScaleReportOut), metadata={"description": "The busiest first. Scales are never added up."}
    )
    invitations = fields.Nested(PeriodRatesOut)
    article = fields.Nested(
        PeriodRatesOut, metadata={"description": "Votes among the impressions of the article in the filter."}
    )
