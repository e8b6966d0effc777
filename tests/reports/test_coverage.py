"""How often the intervals hold the true value: exact sums over all results, no simulation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb, factorial

import pytest

from widget_server.reports.statistics.beta import beta_quantile
from widget_server.reports.statistics.league import GroupCount, Prior, to_shrunk_share
from widget_server.reports.statistics.nps import NetScore
from widget_server.reports.statistics.shares import Interval, to_newcombe_interval, to_wilson_interval

SIZES = (10, 30, 100)
SHARES = [step / 20 for step in range(1, 20)]
#: The mean coverage of a 95 % interval over the shares.
LOWEST_MEAN, HIGHEST_MEAN = 0.94, 0.97
#: The difference between the shares of two groups.
SHIFT = 0.1


@cache
def binomial(n: int, p: float) -> list[float]:
    return [comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)]


def wilson_coverage(n: int, p: float) -> float:
    intervals = [wilson(x, n) for x in range(n + 1)]
    pairs = zip(binomial(n, p), intervals, strict=True)
    return sum(chance for chance, (low, high) in pairs if low <= p <= high)


@cache
def wilson(x: int, n: int) -> Interval:
    return to_wilson_interval(x, n) or (1.0, 0.0)


@cache
def newcombe(x: int, other_x: int, n: int) -> Interval:
    return to_newcombe_interval(x, n, other_x, n) or (1.0, 0.0)


def newcombe_coverage(n: int, p: float) -> float:
    """Return the coverage of the difference between `p` and a share that is 10 points nearer to a half."""
    other_p = p + SHIFT if p < 0.5 else p - SHIFT
    chances, other_chances = binomial(n, p), binomial(n, other_p)
    return sum(
        chance * other_chance
        for x, chance in enumerate(chances)
        for other_x, other_chance in enumerate(other_chances)
        if newcombe(x, other_x, n)[0] <= p - other_p <= newcombe(x, other_x, n)[1]
    )


@cache
def net_interval(promoters: int, detractors: int, n: int) -> Interval:
    return NetScore(promoters, n - promoters - detractors, detractors).interval or (1.0, 0.0)


def net_coverage(n: int, p: float) -> float:
    """Return the coverage where `p` are promoters, and of the others three in eight are detractors."""
    down = (1 - p) * 3 / 8
    covered = 0.0
    for promoters in range(n + 1):
        for detractors in range(n + 1 - promoters):
            low, high = net_interval(promoters, detractors, n)
            if low <= 100 * (p - down) <= high:
                rest = n - promoters - detractors
                ways = factorial(n) // (factorial(promoters) * factorial(detractors) * factorial(rest))
                covered += ways * p**promoters * down**detractors * (1 - p - down) ** rest
    return covered


@pytest.mark.parametrize("coverage", [wilson_coverage, newcombe_coverage, net_coverage])
def test_intervals_hold_the_true_value(coverage: Callable[[int, float], float], subtests: pytest.Subtests) -> None:
    for n in SIZES:
        with subtests.test(n=n):
            covered = {p: coverage(n, p) for p in SHARES}
            mean, (lowest_at, lowest) = sum(covered.values()) / len(covered), min(covered.items(), key=lambda x: x[1])
            print(f"{coverage.__name__} n={n}: mean {mean:.4f}, minimum {lowest:.4f} at {lowest_at}")
            assert LOWEST_MEAN <= mean <= HIGHEST_MEAN


def test_intervals_of_a_league_table_hold_the_true_share(subtests: pytest.Subtests) -> None:
    """The promise of a shrunk interval is over the groups, so the mean weighs each share by its prior."""
    for prior in (Prior(8.0, 2.0), Prior(2.5, 0.6)):
        for n in SIZES:
            with subtests.test(prior=prior, n=n):
                mean = league_coverage(prior, n)
                print(f"league_coverage {prior} n={n}: mean {mean:.4f}")
                assert mean == pytest.approx(0.95, abs=0.005)


def league_coverage(prior: Prior, n: int) -> float:
    """Return the share of groups whose interval holds their share, over all results of a group."""
    steps = 150
    covered = 0.0
    for step in range(steps):
        p = beta_quantile((step + 0.5) / steps, prior.a, prior.b)
        chances = binomial(n, p)
        for x, chance in enumerate(chances):
            low, high = shrunk_interval(x, n, prior)
            covered += chance * (low <= p <= high)
    return covered / steps


@cache
def shrunk_interval(x: int, n: int, prior: Prior) -> Interval:
    return to_shrunk_share(GroupCount(x, n), prior).interval
