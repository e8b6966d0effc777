"""The overview of a site: a figure of each scale with its change and its trend, and the response rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ..storage.prepared import AnySession
from ..surveys.scales import SCALES
from .figures import Change, Figure, compare_figures, make_figure
from .report_filter import ReportFilter
from .response_rates import ResponseRate, count_article_views, count_invitations
from .scores import PERIODS, By, to_first_day
from .statistics.shares import MIN_ANSWERS
from .vote_counts import ScoreCounts, count_by_day

#: A trend with more points cannot be read.
MAX_POINTS = 31


@dataclass(frozen=True)
class TrendPoint:
    """The figure of a day, week or month."""

    start: date
    figure: Figure
    #: Its first and last day within the report.
    since: date
    until: date


@dataclass(frozen=True)
class ScaleReport:
    """The figure of one scale in a period and in the one it is compared with."""

    figure: Figure
    earlier_figure: Figure
    change: Change
    #: The length of the trend's periods.
    by: By
    #: Oldest first, with the periods that have no answer.
    trend: list[TrendPoint]

    def to_json(self) -> dict[str, Any]:
        """Return the report as the API does."""
        return {
            **self.figure.to_json(),
            "before": self.earlier_figure.to_json(),
            "change": {
                "verdict": self.change.verdict,
                "difference": self.change.difference,
                "interval": self.change.interval,
            },
            "trend_by": self.by,
            "trend": [{"start": point.start, **point.figure.to_json()} for point in self.trend],
        }


@dataclass(frozen=True)
class Overview:
    """A report on a site."""

    #: The scales in use, the busiest first.
    scales: list[ScaleReport]
    #: Of chats and direct invitations, and of articles, each in both periods.
    invitations: tuple[ResponseRate, ResponseRate]
    articles: tuple[ResponseRate, ResponseRate]


def load_overview(session: AnySession, site_id: UUID, report_filter: ReportFilter, earlier: ReportFilter) -> Overview:
    """Return the report of a period, compared with the period of the filter `earlier`."""
    counts = count_by_day(session, site_id, report_filter)
    earlier_counts = count_by_day(session, site_id, earlier)
    reports = [
        report_scale(scale, counts.get(scale, {}), earlier_counts.get(scale, {}), report_filter)
        for scale in SCALES
        if scale in counts or scale in earlier_counts
    ]
    reports.sort(key=lambda report: (-report.figure.answered, -report.earlier_figure.answered))
    return Overview(
        reports,
        (count_invitations(session, site_id, report_filter), count_invitations(session, site_id, earlier)),
        (count_article_views(session, site_id, report_filter), count_article_views(session, site_id, earlier)),
    )


def report_scale(
    scale: str,
    counts: Mapping[date, ScoreCounts],
    earlier_counts: Mapping[date, ScoreCounts],
    report_filter: ReportFilter,
) -> ScaleReport:
    """Return the report of one scale from its counts by day."""
    figure, earlier_figure = make_figure(scale, add_up(counts)), make_figure(scale, add_up(earlier_counts))
    by = choose_periods(report_filter, figure.answered)
    trend = [
        TrendPoint(start, make_figure(scale, sums), days[0], days[-1])
        for (start, sums), days in zip(
            to_periods(counts, by, report_filter).items(), list_periods(report_filter, by).values(), strict=True
        )
    ]
    return ScaleReport(figure, earlier_figure, compare_figures(figure, earlier_figure), by, trend)


def add_up(counts: Mapping[date, ScoreCounts]) -> ScoreCounts:
    """Return the sum of the counts of all days."""
    total: Counter[int] = Counter()
    for of_day in counts.values():
        total.update(of_day)
    return dict(total)


def choose_periods(report_filter: ReportFilter, answered: int) -> By:
    """Return the shortest periods that are at most `MAX_POINTS` and have enough answers for a share on average.

    >>> month = ReportFilter(date(2026, 3, 1), date(2026, 3, 31))
    >>> [choose_periods(month, answered) for answered in (600, 40, 3)]
    ['day', 'week', 'week']
    """
    points = {by: len(list_periods(report_filter, by)) for by in PERIODS}
    possible = [by for by in PERIODS if points[by] <= MAX_POINTS]
    readable = [by for by in possible if answered >= MIN_ANSWERS * points[by]]
    if readable:
        return readable[0]
    # A line needs some points, so few answers do not make it a single month.
    several = [by for by in possible if points[by] > 3]
    return (several or possible or [PERIODS[-1]])[-1]


def list_periods(report_filter: ReportFilter, by: By) -> dict[date, list[date]]:
    """Return the days of each period of a report by its first day, oldest first."""
    periods: dict[date, list[date]] = {}
    for distance in range(report_filter.days):
        day = report_filter.since + timedelta(days=distance)
        periods.setdefault(to_first_day(day, by), []).append(day)
    return periods


def to_periods(counts: Mapping[date, ScoreCounts], by: By, report_filter: ReportFilter) -> dict[date, ScoreCounts]:
    """Return the counts of each period, oldest first, also of those without answers."""
    sums: dict[date, Counter[int]] = {start: Counter() for start in list_periods(report_filter, by)}
    for day, of_day in counts.items():
        sums[to_first_day(day, by)].update(of_day)
    return {start: dict(total) for start, total in sums.items()}
