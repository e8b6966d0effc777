"""Bars: shares in one line, a histogram of scores, the interval of a row, and a calendar of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from markupsafe import Markup

from . import svg

SHARES_WIDTH, SHARES_HEIGHT = 320, 10
#: The space between two shares, by which they differ without colour.
GAP = 2
INTERVAL_WIDTH, INTERVAL_HEIGHT = 140, 16
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 320, 110
CELL, CELL_GAP = 12, 2
#: The number of shades of a calendar; a larger square means more answers.
SHADES = 4


class Bar(NamedTuple):
    """A bar, its class, and the words that a pointer shows."""

    value: float
    klass: str
    label: str


def draw_shares(bars: Sequence[Bar], name: str) -> Markup:
    """Return shares in one line that fills its place."""
    total = sum(bar.value for bar in bars) or 1
    visible_bars = [bar for bar in bars if bar.value]
    room = SHARES_WIDTH - GAP * max(len(visible_bars) - 1, 0)
    x, parts = 0.0, []
    for bar in visible_bars:
        width = room * bar.value / total
        parts.append(svg.box(x, 0, width, SHARES_HEIGHT, bar.klass, bar.label))
        x += width + GAP
    return svg.image(SHARES_WIDTH, SHARES_HEIGHT, name, parts, "shares")


def draw_interval(value: float, interval: tuple[float, float], limits: tuple[float, float], name: str) -> Markup:
    """Return one row of a forest plot: the value as a point, its interval as a line on the range `limits`."""

    def to_x(number: float) -> float:
        low, high = limits
        share = min(max((number - low) / (high - low), 0.0), 1.0)
        return 5 + share * (INTERVAL_WIDTH - 10)

    middle = INTERVAL_HEIGHT / 2
    parts = [
        svg.line(5, middle, INTERVAL_WIDTH - 5, middle, "grid"),
        svg.line(to_x(interval[0]), middle, to_x(interval[1]), middle, "label"),
        svg.line(to_x(interval[0]), middle - 3, to_x(interval[0]), middle + 3, "label"),
        svg.line(to_x(interval[1]), middle - 3, to_x(interval[1]), middle + 3, "label"),
        svg.dot(to_x(value), middle, "line", radius=4),
    ]
    return svg.image(INTERVAL_WIDTH, INTERVAL_HEIGHT, name, parts, "interval")


def draw_histogram(bars: Sequence[Bar], name: str) -> Markup:
    """Return a column for each score, with its number above and its score below."""
    highest = max((bar.value for bar in bars), default=0) or 1
    step = HISTOGRAM_WIDTH / max(len(bars), 1)
    parts = []
    for place, bar in enumerate(bars):
        height = (HISTOGRAM_HEIGHT - 36) * bar.value / highest
        x, y = place * step + 3, HISTOGRAM_HEIGHT - 18 - height
        parts.append(svg.box(x, y, step - 6, height, bar.klass))
        parts.append(svg.label(x + (step - 6) / 2, y - 4, f"{bar.value:g}", "middle"))
        parts.append(svg.label(x + (step - 6) / 2, HISTOGRAM_HEIGHT - 4, bar.label, "middle"))
    return svg.image(HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, name, parts, "histogram")


def draw_calendar(counts: dict[date, int], since: date, until: date, name: str, months: Sequence[str]) -> Markup:
    """Return a square for each day, a column for each week; a fuller square means more answers.

    `months` has the names of the twelve months, which appear above their first week.
    """
    first_monday = since - timedelta(days=since.weekday())
    highest = max(counts.values(), default=0)
    parts = []
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        column = (day - first_monday).days // 7
        x, y = column * (CELL + CELL_GAP), 16 + day.weekday() * (CELL + CELL_GAP)
        parts.append(svg.box(x, y, CELL, CELL, "grid", f"{day.isoformat()}: {counts.get(day, 0)}"))
        if counts.get(day):
            side = CELL * -(-SHADES * counts[day] // highest) / SHADES
            inset = (CELL - side) / 2
            parts.append(svg.box(x + inset, y + inset, side, side, "positive", f"{day.isoformat()}: {counts[day]}"))
        if day.day == 1:
            parts.append(svg.label(x, 10, months[day.month - 1]))
    weeks = ((until - first_monday).days + 6) // 7
    return svg.image(weeks * (CELL + CELL_GAP), 16 + 7 * (CELL + CELL_GAP), name, parts, "calendar")
