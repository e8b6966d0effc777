"""Charts: what they say without colour, and where their parts are."""

from __future__ import annotations

import doctest
from datetime import date
from xml.etree import ElementTree

from markupsafe import Markup

from widget_server.reports.charts import svg, trend
from widget_server.reports.charts.bars import Bar, draw_calendar, draw_histogram, draw_interval, draw_shares
from widget_server.reports.charts.trend import Point, choose_axis, draw_sparkline, draw_trend

SPACE = "{http://www.w3.org/2000/svg}"
EVIL = '"><script>alert(1)</script>'


def read(chart: Markup) -> ElementTree.Element:
    """Return the tree of a chart, which must be valid XML with a name and nothing that a strict policy blocks."""
    root = ElementTree.fromstring(str(chart))
    assert root.get("role") == "img" and root.get("aria-label")
    for element in root.iter():
        assert element.tag.removeprefix(SPACE) in {"svg", "line", "text", "path", "circle", "rect", "title"}
        assert not any(name.startswith("on") or name in ("style", "href") for name in element.attrib)
    return root


def all_of(root: ElementTree.Element, tag: str, klass: str) -> list[ElementTree.Element]:
    return [element for element in root.iter(SPACE + tag) if element.get("class") == klass]


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SPACE}text")]


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def test_a_trend_has_a_band_dates_and_a_gap_where_there_were_too_few() -> None:
    points = [
        Point("1 Mar", "first", 0.8, (0.7, 0.87)),
        Point("2 Mar", "second", 0.82, (0.72, 0.9), is_tentative=True),
        Point("3 Mar", "third", None),
        Point("4 Mar", EVIL, 0.75, (0.6, 0.85)),
    ]
    root = read(draw_trend(points, (0, 1), f"Satisfied {EVIL}", percent, goal=(0.79, "goal 79")))
    assert len(all_of(root, "path", "line")) == len(all_of(root, "path", "band")) == 1
    assert len(all_of(root, "circle", "line")) == 3 and len(all_of(root, "circle", "hole")) == 1
    assert [element.text for element in root.iter(f"{SPACE}title")] == ["first", "second", EVIL]
    assert {"1 Mar", "4 Mar", "goal 79", "60", "90"} <= set(texts(root))
    xs = [float(element.get("cx") or 0) for element in all_of(root, "circle", "line")]
    assert xs == sorted(xs) and xs[0] > trend.LEFT and xs[-1] < trend.WIDTH


def test_empty_and_single_trends_are_drawn_too() -> None:
    assert texts(read(draw_trend([], (0, 1), "none", percent))) == ["0", "25", "50", "75", "100"]
    single = read(draw_trend([Point("1 Mar", "x", 1.0, (0.57, 1.0))], (0, 1), "one", percent))
    assert len(all_of(single, "line", "line")) == 1 and not all_of(single, "path", "line")


def test_an_axis_holds_its_values_within_the_scale() -> None:
    for values, limits in (
        ([0.0], (0, 1)),
        ([1.0, 0.999], (0, 1)),
        ([-100, 100], (-100, 100)),
        ([3.3, 3.4], (1, 7)),
        ([0.41, 0.59], (0, 1)),
    ):
        axis = choose_axis([float(value) for value in values], limits)
        assert limits[0] <= axis.low <= min(values) <= max(values) <= axis.high <= limits[1]
        assert 2 <= len(axis.ticks) <= trend.MAX_LINES
        assert trend.TOP <= axis.to_y(max(values)) <= axis.to_y(min(values)) <= trend.BOTTOM


def test_shares_fill_their_line_with_gaps_between_them() -> None:
    bars = [Bar(526, "positive", "526 positive"), Bar(0, "neutral", "none"), Bar(70, "negative", "70 negative")]
    boxes = list(read(draw_shares(bars, "shares")).iter(f"{SPACE}rect"))
    widths = [float(element.get("width") or 0) for element in boxes]
    assert [element.get("class") for element in boxes] == ["positive", "negative"]
    assert abs(sum(widths) + 2 - 320) < 0.2 and abs(widths[0] / widths[1] - 526 / 70) < 0.05
    assert float(boxes[1].get("x") or 0) - widths[0] >= 1.9


def test_an_interval_lies_around_its_value() -> None:
    root = read(draw_interval(0.8, (0.6, 1.4), (0, 1), "80 %, 60 to 100 %"))
    (dot,), line = all_of(root, "circle", "line"), all_of(root, "line", "label")[0]
    low, middle, high = (float(value or 0) for value in (line.get("x1"), dot.get("cx"), line.get("x2")))
    assert 5 <= low < middle < high <= 135


def test_other_charts_name_their_numbers() -> None:
    histogram = read(draw_histogram([Bar(3, "negative", "1"), Bar(12, "positive", "2")], "histogram"))
    assert texts(histogram) == ["3", "1", "12", "2"]
    assert read(draw_sparkline([None, 0.2, 0.4, None, 0.9], (0, 1), "spark")) is not None
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    calendar = read(draw_calendar({date(2026, 3, 1): 8}, date(2026, 2, 20), date(2026, 3, 3), "days", months))
    titles = [element.text for element in calendar.iter(f"{SPACE}title")]
    assert (len(titles), titles[-1], texts(calendar)) == (12, "2026-03-02: 0", ["Mar"])
    (full,) = all_of(calendar, "rect", "positive")
    assert full.get("width") == "12"


def test_the_examples_of_the_docstrings_hold() -> None:
    results = [doctest.testmod(module) for module in (svg, trend)]
    assert (sum(result.failed for result in results), sum(result.attempted for result in results)) == (0, 2)
