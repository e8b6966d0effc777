"""The sums behind reports, against published values."""

from __future__ import annotations

import doctest

import pytest

from widget_server.reports import statistics as module
from widget_server.reports.statistics import wilson

#: R's `prop.test(correct=FALSE)` and scipy's `proportion_ci(method="wilson")` say the same.
KNOWN = {
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
    for counted, interval in KNOWN.items():
        with subtests.test(counted=counted):
            found = wilson(*counted)
            assert found is not None
            assert found == pytest.approx(interval, abs=1e-6)


def test_it_never_leaves_the_line_and_holds_the_share() -> None:
    for n in range(1, 120):
        for positive in range(n + 1):
            low, high = wilson(positive, n) or (2.0, -1.0)
            assert 0 <= low <= positive / n <= high <= 1


def test_the_examples_hold() -> None:
    tried = doctest.testmod(module)
    assert (tried.failed, tried.attempted > 2) == (0, True)
