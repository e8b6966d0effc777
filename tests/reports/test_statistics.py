"""The formula behind reports, compared with published values."""

from __future__ import annotations

import doctest

import pytest

from widget_server.reports import statistics as module
from widget_server.reports.statistics import to_wilson_interval

#: R's `prop.test(correct=FALSE)` and scipy's `proportion_ci(method="wilson")` return these values.
PUBLISHED_INTERVALS = {
    (0, 5): (0.0, 0.434482),
    (1, 3): (0.061492, 0.792340),
    (5, 5): (0.565518, 1.0),
    (0, 1): (0.0, 0.793451),
    (8, 10): (0.490162, 0.943318),
    (42, 50): (0.714858, 0.916626),
    (80, 100): (0.711171, 0.866633),
    (383, 400): (0.932998, 0.973298),
}


def test_the_interval_of_a_share(subtests: pytest.Subtests) -> None:
    for counts, published_interval in PUBLISHED_INTERVALS.items():
        with subtests.test(counts=counts):
            interval = to_wilson_interval(*counts)
            assert interval is not None
            assert interval == pytest.approx(published_interval, abs=1e-6)


def test_the_interval_is_between_0_and_1_and_holds_the_share() -> None:
    for n in range(1, 120):
        for positive in range(n + 1):
            low, high = to_wilson_interval(positive, n) or (2.0, -1.0)
            assert 0 <= low <= positive / n <= high <= 1


def test_the_examples_of_the_docstrings_hold() -> None:
    results = doctest.testmod(module)
    assert (results.failed, results.attempted > 2) == (0, True)
