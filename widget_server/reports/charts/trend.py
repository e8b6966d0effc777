"""Lines over time: a trend with the band of its interval, and a sparkline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeVar

from markupsafe import Markup

from . import svg
from .svg import Number

WIDTH, HEIGHT = 720, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 178
LABEL_Y = 200
#: The number of lines of the grid, at most.
MAX_LINES = 5
#: The distances between two lines that read well.
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100)
#: The shortest axis, as a part of the scale.
MIN_SPAN = 0.15
#: Dates below the axis.
MAX_DATES = 5
SPARK_WIDTH, SPARK_HEIGHT = 96, 24

Item = TypeVar("Item")


@dataclass(frozen=True)
class Point:
    """A value of a trend, or a gap if there are too few answers for a value."""

    #: The date below the axis, and the words that a pointer shows.
    date: str
    title: str
    value: float | None
    interval: tuple[float, float] | None = None
    #: A value of few answers is drawn as a ring.
    is_tentative: bool = False


@dataclass(frozen=True)
class Axis:
    """The range of the values, from `low` to `high` in steps."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * number for number in range(count + 1)]

    def to_y(self, value: float) -> float:
        return BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP)


def draw_trend(
    points: Sequence[Point],
    limits: tuple[float, float],
    name: str,
    to_label: Callable[[float], str],
    goal: tuple[float, str] | None = None,
) -> Markup:
    """Return a line with the band of its intervals. `goal` is the value of a dashed line, and its words."""
    ends = [end for point in points if point.value is not None for end in point.interval or (point.value, point.value)]
    axis = choose_axis([*ends, *([goal[0]] if goal else [])], limits)
    parts = [part for tick in axis.ticks for part in _grid_line(axis.to_y(tick), to_label(tick))]
    for run in _runs(points):
        parts += _draw_run(points, run, axis)
    if goal:
        y = axis.to_y(goal[0])
        parts += [svg.line(LEFT, y, WIDTH - RIGHT, y, "label", "4 4"), svg.label(WIDTH - RIGHT, y - 5, goal[1], "end")]
    return svg.image(WIDTH, HEIGHT, name, [*parts, *_dates(points)], "trend")


def draw_sparkline(values: Sequence[float | None], limits: tuple[float, float], name: str) -> Markup:
    """Return a small line without axes; its ends are the limits of the scale."""
    low, high = limits
    step = (SPARK_WIDTH - 6) / max(len(values) - 1, 1)
    places = [
        None
        if value is None
        else (3 + step * number, SPARK_HEIGHT - 3 - (value - low) / (high - low) * (SPARK_HEIGHT - 6))
        for number, value in enumerate(values)
    ]
    parts = [svg.line(0, SPARK_HEIGHT - 1, SPARK_WIDTH, SPARK_HEIGHT - 1, "grid")]
    for run in _split(places):
        parts.append(svg.path(run, "line") if len(run) > 1 else svg.dot(*run[0], "line", radius=2))
    return svg.image(SPARK_WIDTH, SPARK_HEIGHT, name, parts, "spark")


def choose_axis(values: Sequence[float], limits: tuple[float, float]) -> Axis:
    """Return round ends around the values, within the limits of the scale.

    They are at least 15 % of the scale apart, so that chance does not look like a change.

    >>> choose_axis([0.71, 0.88], (0, 1)), choose_axis([1.0], (0, 1))
    (Axis(low=0.7, high=0.9, step=0.05), Axis(low=0.85, high=1.0, step=0.05))
    """
    low_limit, high_limit = limits
    low, high = (min(values), max(values)) if values else limits
    missing = max((high_limit - low_limit) * MIN_SPAN - (high - low), 0)
    low = max(min(low - missing / 2, high_limit - (high_limit - low_limit) * MIN_SPAN), low_limit)
    high = min(max(high + missing / 2, low + (high_limit - low_limit) * MIN_SPAN), high_limit)
    for step in STEPS:
        # Without the tiny part, a rounding error would add a line.
        first = max(step * floor(low / step + 1e-9), low_limit)
        last = min(step * ceil(high / step - 1e-9), high_limit)
        if (last - first) / step <= MAX_LINES - 1 + 1e-9:
            break
    return Axis(round(first, 9), round(last, 9), step)


def _draw_run(points: Sequence[Point], run: Sequence[int], axis: Axis) -> list[Markup]:
    """Return the band, the line and the points of neighbours that all have a value."""
    places = [(_to_x(place, len(points)), points[place]) for place in run]
    values = [(x, axis.to_y(point.value or 0.0)) for x, point in places]
    tops = [(x, axis.to_y(point.interval[1])) for x, point in places if point.interval]
    bottoms = [(x, axis.to_y(point.interval[0])) for x, point in places if point.interval]
    parts: list[Markup] = []
    if len(run) > 1:
        parts += [svg.area([*tops, *reversed(bottoms)], "band")] if tops else []
        parts.append(svg.path(values, "line"))
    elif tops:
        parts.append(svg.line(*tops[0], *bottoms[0], "line"))
    for (x, y), (_, point) in zip(values, places, strict=True):
        parts.append(svg.dot(x, y, "line", point.title))
        if point.is_tentative:
            parts.append(svg.dot(x, y, "hole", radius=1.5))
    return parts


def _grid_line(y: Number, text: str) -> tuple[Markup, Markup]:
    return svg.line(LEFT, y, WIDTH - RIGHT, y, "grid"), svg.label(LEFT - 6, y + 4, text, "end")


def _dates(points: Sequence[Point]) -> list[Markup]:
    """Return some dates below the axis, the first and the last among them."""
    if not points:
        return []
    last = len(points) - 1
    places = {round(last * number / (MAX_DATES - 1)) for number in range(MAX_DATES)} if last > 0 else {0}
    labels = []
    for place in sorted(places):
        anchor = "start" if place == 0 else "end" if place == last else "middle"
        labels.append(svg.label(_to_x(place, len(points)), LABEL_Y, points[place].date, anchor))
    return labels


def _to_x(place: int, count: int) -> float:
    return LEFT + 4 + (WIDTH - LEFT - RIGHT - 8) * (place / (count - 1) if count > 1 else 0.5)


def _runs(points: Sequence[Point]) -> list[list[int]]:
    """Return the places of neighbours that all have a value; a gap is not bridged."""
    return _split([None if point.value is None else place for place, point in enumerate(points)])


def _split(items: Sequence[Item | None]) -> list[list[Item]]:
    runs: list[list[Item]] = [[]]
    for item in items:
        if item is not None:
            runs[-1].append(item)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
