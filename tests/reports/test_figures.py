"""Figures of scales, their changes, tables of groups, and the filter in an address."""

from __future__ import annotations

import doctest
from datetime import date
from typing import Any

import pytest

from widget_server.core.errors import Invalid
from widget_server.reports import overview
from widget_server.reports.figures import Change, compare_figures, make_figure
from widget_server.reports.group_table import rank_cut
from widget_server.reports.overview import report_scale
from widget_server.reports.report_filter import ReportFilter, parse_against, parse_report_filter
from widget_server.reports.statistics import means
from widget_server.reports.statistics.shares import to_wilson_interval

TODAY = date(2026, 3, 3)
MARCH = ReportFilter(date(2026, 3, 1), date(2026, 4, 1))


def share_of(positive: int, n: int) -> Any:
    return make_figure("thumbs", {2: positive, 1: n - positive})


def test_worked_figures_of_the_sources() -> None:
    assert [share_of(*counts).value for counts in ((150, 200), (320, 400), (30, 50))] == [0.75, 0.8, 0.6]
    net = make_figure("nps", {10: 40, 9: 30, 8: 20, 6: 4, 0: 6})
    assert net.kind == "net"
    assert net.value == pytest.approx(60)
    effort = make_figure("ces", {7: 20, 6: 15, 5: 8, 4: 4, 3: 2, 1: 1})
    assert (effort.kind, effort.value, effort.sentiments.satisfied) == ("mean", 5.86, 0.7)
    assert make_figure("ces_reversed", {1: 3, 7: 1}).sentiments.satisfied == 0.75
    five = make_figure("five", {5: 2, 4: 1, 3: 1, 1: 0})
    assert (five.value, five.is_too_few, five.to_json()["value"]) == (0.75, True, None)


def test_a_share_needs_no_quantile_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quantile of a mean is found by bisection, so a trend of shares that computed it took 100 ms."""

    def fail(*_: float) -> float:
        raise AssertionError("computed the interval of a mean")

    monkeypatch.setattr(means, "t_quantile", fail)
    assert share_of(30, 40).interval == to_wilson_interval(30, 40)
    assert make_figure("nps", {10: 9, 0: 3}).interval is not None
    with pytest.raises(AssertionError):
        assert make_figure("ces", {7: 9, 1: 3}).interval


def test_a_change_is_said_only_if_chance_does_not_explain_it() -> None:
    assert compare_figures(share_of(560, 700), share_of(480, 800)).verdict == "higher"
    assert compare_figures(share_of(30, 50), share_of(45, 50)).verdict == "lower"
    assert compare_figures(share_of(9, 10), share_of(8, 10)).verdict == "unclear"
    assert compare_figures(share_of(4, 4), share_of(1, 90)) == compare_figures(share_of(0, 0), share_of(0, 0))
    assert compare_figures(share_of(4, 4), share_of(1, 90)) == Change("too_few")
    nets = [make_figure("nps", dict(zip((9, 7, 3), counts, strict=True))) for counts in ((60, 25, 15), (45, 30, 25))]
    assert compare_figures(*nets).interval == pytest.approx((3.272523, 45.816572))
    means = [make_figure("ces", {7: n, 6: 50 - n}) for n in (45, 5)]
    assert compare_figures(*means).verdict == "higher"
    assert compare_figures(*means).difference == pytest.approx(0.8)
    same = make_figure("ces", {7: 9})
    assert compare_figures(same, same) == Change("unclear", 0, None)


def test_a_table_is_led_by_evidence_and_merges_thin_groups() -> None:
    counts = {"many": {2: 198, 1: 2}, "few": {2: 5}, "bad": {2: 20, 1: 60}, "thin": {2: 1}, "thinner": {1: 2}}
    table = rank_cut("thumbs", {**counts, "empty": {}})
    assert [row.key for row in table.rows] == ["many", "few", "bad"]
    assert [row.estimate.difference for row in table.rows] == ["higher", "higher", "lower"]
    assert (table.other.counts, table.other_count) == ({2: 1, 1: 2}, 2)
    assert rank_cut("thumbs", {}).rows == []


def test_a_trend_has_all_periods_of_its_days() -> None:
    counts = {date(2026, 3, day): {3: 9, 1: 1} for day in (2, 3, 30)}
    report = report_scale("three", counts, {}, MARCH)
    assert (report.by, report.figure.answered, report.change.verdict) == ("week", 30, "too_few")
    starts = [(point.start.isoformat(), point.figure.answered) for point in report.trend]
    assert starts[:2] + starts[-1:] == [("2026-02-23", 0), ("2026-03-02", 20), ("2026-03-30", 10)]
    year = ReportFilter(date(2026, 1, 1), date(2027, 1, 1))
    assert len(report_scale("three", counts, {}, year).trend) == 12
    assert doctest.testmod(overview).failed == 0


def test_the_filter_of_an_address() -> None:
    default = parse_report_filter({"channel": [""], "agent": [" "]}, TODAY)
    assert default == ReportFilter(date(2026, 2, 2), date(2026, 3, 4))
    query = {
        "since": ["2026-01-01"],
        "until": ["2026-01-31"],
        "channel": ["chat", "phone", "chat"],
        "weekday": ["0", "6"],
        "verified": ["no"],
        "agent": ["ann"],
        "excluded": ["with"],
    }
    report_filter = parse_report_filter(query, TODAY)
    assert (report_filter.days, report_filter.channel, report_filter.weekday, report_filter.verified) == (
        31,
        ("chat", "phone"),
        (0, 6),
        False,
    )
    again = report_filter.to_query() | {"since": "2026-01-01", "until": "2026-01-31"}
    lists = {name: value if isinstance(value, list) else [value] for name, value in again.items()}
    assert parse_report_filter(lists, TODAY) == report_filter
    before = report_filter.period_before("before")
    assert (before.since, before.until, before.channel) == (date(2025, 12, 1), date(2026, 1, 1), report_filter.channel)
    year_before = report_filter.period_before("year")
    assert (year_before.since, year_before.since.weekday()) == (date(2025, 1, 2), report_filter.since.weekday())


def test_wrong_filters_are_refused(subtests: pytest.Subtests) -> None:
    for query in (
        {"period": "31"},
        {"since": "today"},
        {"since": "2026-02-30"},
        {"since": "0001-01-01"},
        {"since": "2026-03-05", "until": "2026-03-04"},
        {"since": "2001-01-01"},
        {"channel": "pigeon"},
        {"weekday": "7"},
        {"verified": "maybe"},
        {"survey": "x"},
        {"agent": "a\x00"},
        {"article": "a" * 501},
        {"excluded": "only"},
    ):
        with subtests.test(query=query), pytest.raises(Invalid):
            parse_report_filter({name: [value] for name, value in query.items()}, TODAY)
    with pytest.raises(Invalid):
        parse_report_filter({"agent": ["a", "b"]}, TODAY)
    with pytest.raises(Invalid):
        parse_against({"against": ["never"]})
