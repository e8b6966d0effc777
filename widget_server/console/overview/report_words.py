"""Put the figures of reports into words."""

from __future__ import annotations

from datetime import date
from typing import Any

from markupsafe import Markup

from ...core import dates
from ...core.marked_texts import N_
from ...reports.charts.bars import Bar, draw_interval, draw_shares
from ...reports.charts.trend import Point, draw_trend
from ...reports.figures import Change, Figure, Kind, Verdict
from ...reports.overview import ScaleReport, TrendPoint
from ...reports.report_filter import Against
from ...reports.statistics.shares import HINTED_MARGINS, Interval, to_margin, to_sample_size
from ...web.translations import page_language
from ...web.translations import translate as _
from ..formatting import SENTIMENTS, percent, percent_range

SCALE_LABELS = {
    "three": N_("Satisfied, of three answers"),
    "thumbs": N_("Satisfied, thumbs up"),
    "five": N_("Satisfied, of five steps"),
    "seven": N_("Satisfied, of seven steps"),
    "ten": N_("Satisfied, of ten steps"),
    "nps": N_("Net Promoter Score (NPS)"),
    "ces": N_("Effort (CES), 7 is easiest"),
    "ces_reversed": N_("Effort (CES), 1 is easiest"),
}
#: What the change of a figure is measured in.
UNITS: dict[Kind, str] = {"share": N_("points"), "net": N_("points"), "mean": N_("steps")}
VERDICTS: dict[Verdict, str] = {
    "higher": N_("Higher, more than chance explains"),
    "lower": N_("Lower, more than chance explains"),
    "unclear": N_("No clear change"),
    "too_few": N_("Too few ratings to compare"),
}
AGAINST_LABELS: dict[Against, str] = {"before": N_("the period before"), "year": N_("the year before")}
GROUP_LABELS: dict[Kind, dict[str, str]] = {
    "share": SENTIMENTS,
    "mean": SENTIMENTS,
    "net": {"positive": N_("promoters"), "neutral": N_("passives"), "negative": N_("detractors")},
}
MINUS = "\u2212"


def signed(number: float, digits: int = 0) -> str:
    """Return a number with its sign: +4, −0.3 or 0.

    >>> signed(4.4), signed(-0.34, 1), signed(-0.2)
    ('+4', '−0.3', '0')
    """
    text = f"{abs(number):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{'+' if number > 0 else MINUS}{text}"


def value(kind: Kind, number: float) -> str:
    """Return a score in its unit: 82 %, +45 or 5.9."""
    if kind == "share":
        return percent(number)
    return signed(number) if kind == "net" else f"{number:.1f}"


def interval(kind: Kind, ends: Interval) -> str:
    """Return an interval in the unit of its score."""
    if kind == "share":
        return percent_range(ends)
    return _("%(low)s to %(high)s") % {"low": value(kind, ends[0]), "high": value(kind, ends[1])}


def score(figure: Figure) -> str:
    """Return the score of a figure, or why it has none."""
    if not figure.answered:
        return _("No ratings")
    if figure.is_too_few or figure.value is None:
        return _("Too few ratings")
    return value(figure.kind, figure.value)


def score_with_interval(figure: Figure) -> str:
    """Return the score with its interval, for tables."""
    if figure.is_too_few or figure.interval is None:
        return score(figure)
    return f"{score(figure)} ({interval(figure.kind, figure.interval)})"


def sample_hint(figure: Figure) -> str:
    """Return how many ratings make a share more exact; empty if they are enough, or for another kind of score."""
    wider = [margin for margin in HINTED_MARGINS if figure.answered and to_margin(figure.answered) > margin]
    if figure.kind != "share" or figure.is_too_few or not wider:
        return ""
    texts = {"count": to_sample_size(wider[0]), "points": round(100 * wider[0])}
    return _("About %(count)s ratings give a margin of %(points)s points.") % texts


def difference(kind: Kind, number: float) -> str:
    """Return a change: +4 points are the difference of two shares."""
    return signed(100 * number) if kind == "share" else signed(number, 1 if kind == "mean" else 0)


def change_range(kind: Kind, change: Change) -> str:
    """Return the interval of a change in words; empty without one."""
    if change.interval is None:
        return ""
    return _("%(low)s to %(high)s") % {
        "low": difference(kind, change.interval[0]),
        "high": difference(kind, change.interval[1]),
    }


def day(day_of_month: date, today: date | None = None) -> str:
    """Return a short date: 3 Mar, with its year unless it is that of `today`."""
    return dates.to_short_day_text(day_of_month, page_language(), (today or day_of_month).year)


def days(first: date, last: date, today: date) -> str:
    """Return a period by its first and last day."""
    return _("%(first)s to %(last)s") % {"first": day(first, today), "last": day(last, today)}


def period(point: TrendPoint, by: str) -> str:
    """Return the label of a point below the axis."""
    return dates.to_short_month_text(point.start, page_language()) if by == "month" else day(point.start)


def trend_sentence(report: ScaleReport) -> str:
    """Return what the trend shows in one sentence, for those who do not see it."""
    points = [point for point in report.trend if not point.figure.is_too_few]
    label = _(SCALE_LABELS[report.figure.scale.name])
    if len(points) < 2:
        return _("%(label)s: too few ratings for a trend.") % {"label": label}
    texts: dict[str, Any] = {"label": label, "now": score(report.figure)}
    for name, point in (("first", points[0]), ("last", points[-1])):
        texts |= {name: score(point.figure), f"{name}_date": period(point, report.by)}
    return _("%(label)s: %(now)s overall; first %(first)s (%(first_date)s), last %(last)s (%(last_date)s).") % texts


def trend_chart(report: ScaleReport) -> Markup:
    """Return the trend with the band of its intervals."""
    kind = report.figure.kind
    points = [
        Point(
            period(point, report.by),
            f"{period(point, report.by)}: {score_with_interval(point.figure)}, {point.figure.answered}",
            None if point.figure.is_too_few else point.figure.value,
            point.figure.interval,
            point.figure.is_few,
        )
        for point in report.trend
    ]
    return draw_trend(points, report.figure.limits, trend_sentence(report), lambda tick: tick_label(kind, tick))


def tick_label(kind: Kind, tick: float) -> str:
    """Return the label of a line of the grid. The axis is exact, so 0 and 100 % are not rounded."""
    if kind == "share":
        return f"{100 * tick:.0f}"
    return f"{tick:g}".replace("-", MINUS)


def shares_chart(figure: Figure) -> Markup:
    """Return the shares of the sentiments in one line."""
    labels = GROUP_LABELS[figure.kind]
    bars = [Bar(n, name, f"{n} {_(labels[name])}") for name, n in figure.shares]
    return draw_shares(bars, ", ".join(bar.label for bar in bars))


def interval_chart(figure: Figure, limits: Interval) -> Markup:
    """Return the row of a forest plot; empty without a score."""
    if figure.is_too_few or figure.value is None or figure.interval is None:
        return Markup("")
    return draw_interval(figure.value, figure.interval, limits, score_with_interval(figure))
