"""The formulas behind reports, compared with published values and with values of scipy and statsmodels."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Callable
from math import lgamma
from typing import Any

import pytest

from widget_server.reports import statistics
from widget_server.reports.statistics.beta import beta_distribution, beta_quantile, t_quantile
from widget_server.reports.statistics.beta_fit import fit_by_likelihood
from widget_server.reports.statistics.comparisons import compare_shares
from widget_server.reports.statistics.league import (
    GroupCount,
    Prior,
    estimate_by_moments,
    estimate_prior,
    rank_groups,
    to_shrunk_share,
)
from widget_server.reports.statistics.means import MeanScore, compare_means
from widget_server.reports.statistics.nps import NetScore, to_net_difference
from widget_server.reports.statistics.shares import (
    to_margin,
    to_newcombe_interval,
    to_sample_size,
    to_whole_percents,
    to_wilson_interval,
)
from widget_server.reports.statistics.weights import Stratum, to_stability_index, weight_shares

#: R's `prop.test(correct=FALSE)` and scipy's `proportion_ci(method="wilson")` return these values.
WILSON = {
    (0, 5): (0.0, 0.434482),
    (1, 3): (0.061492, 0.792340),
    (5, 5): (0.565518, 1.0),
    (0, 1): (0.0, 0.793451),
    (1, 1): (0.206549, 1.0),
    (8, 10): (0.490162, 0.943318),
    (42, 50): (0.714858, 0.916626),
    (80, 100): (0.711171, 0.866633),
    (383, 400): (0.932998, 0.973298),
    (37, 250): (0.109320, 0.197334),
    (7, 50): (0.069508, 0.261862),
}
#: The first is Newcombe's own example; statsmodels' `confint_proportions_2indep(method="newcomb")` returns all.
NEWCOMBE = {
    (56, 70, 48, 80): (0.052431, 0.333873),
    (9, 10, 3, 10): (0.170523, 0.809018),
    (5, 5, 2, 4): (-0.057896, 0.849961),
    (10, 10, 0, 20): (0.679086, 1.0),
    (120, 150, 100, 150): (0.033215, 0.230072),
    (37, 250, 60, 250): (-0.160571, -0.022642),
}
#: Rocks (2016), before the limits of the scale.
ADJUSTED_NPS = {
    (60, 25, 15): (29.3431, 58.0355),
    (6, 3, 1): (-0.2033, 77.1264),
    (10, 0, 0): (47.5036, 106.3426),
    (400, 350, 250): (10.0540, 19.8563),
}
AGENTS = [GroupCount(*pair) for pair in ((9, 10), (45, 60), (3, 3), (180, 200), (20, 40), (1, 4))]
EFFORT = MeanScore({7: 20, 6: 15, 5: 8, 4: 4, 3: 2, 2: 0, 1: 1})
HARDER_EFFORT = MeanScore({7: 12, 6: 12, 5: 10, 4: 8, 3: 5, 2: 2, 1: 1})
STRATA = [Stratum(800, 160, 136), Stratum(5000, 100, 60), Stratum(1200, 240, 192)]


def near(value: Any, digits: int = 6) -> Any:
    """Return the expected value of a vector, which has this number of digits after the point."""
    return pytest.approx(value, abs=0.6 * 10**-digits)


def compare(subtests: pytest.Subtests, function: Callable[..., Any], vectors: dict[Any, Any], digits: int = 6) -> None:
    for arguments, expected in vectors.items():
        with subtests.test(function=function.__name__, arguments=arguments):
            assert function(*arguments) == near(expected, digits)


def test_intervals_of_shares_and_of_their_difference(subtests: pytest.Subtests) -> None:
    compare(subtests, to_wilson_interval, WILSON)
    compare(subtests, to_newcombe_interval, NEWCOMBE)
    assert to_wilson_interval(80, 100, 1.6448536269514722) == near((0.726696, 0.857498))
    assert to_newcombe_interval(1, 1, 0, 0) is None


def test_the_interval_is_between_0_and_1_and_holds_the_share() -> None:
    for n in range(1, 120):
        for positive in range(n + 1):
            low, high = to_wilson_interval(positive, n) or (2.0, -1.0)
            assert 0 <= low <= positive / n <= high <= 1


def test_a_difference_lies_in_its_interval_and_turns_with_its_groups() -> None:
    for pair in ((0, 7, 7, 7), (3, 5, 9, 20), (10, 10, 10, 10)):
        low, high = to_newcombe_interval(*pair) or (2.0, -2.0)
        assert -1 <= low <= pair[0] / pair[1] - pair[2] / pair[3] <= high <= 1
        assert to_newcombe_interval(*pair[2:], *pair[:2]) == pytest.approx((-high, -low))


def test_net_scores(subtests: pytest.Subtests) -> None:
    compare(subtests, lambda *counts: NetScore(*counts).unclipped_interval, ADJUSTED_NPS, digits=4)
    assert NetScore(10, 0, 0).interval == near((47.5036, 100.0), 4)
    assert (NetScore(60, 25, 15).score, NetScore(60, 25, 15).standard_error) == (45.0, near(7.3993, 4))
    difference = to_net_difference(NetScore(60, 25, 15), NetScore(45, 30, 25))
    assert difference == near((3.272523, 45.816572))
    assert (NetScore(0, 0, 0).score, NetScore(0, 0, 0).interval) == (None, None)


def test_means_and_their_difference() -> None:
    assert (EFFORT.mean, EFFORT.interval) == (5.86, near((5.483451, 6.236549)))
    assert (EFFORT.variance or 0) ** 0.5 == near(1.324957)
    assert t_quantile(0.975, 49) == near(2.009575)
    welch = compare_means(EFFORT, HARDER_EFFORT)
    assert welch is not None
    assert (welch.t, welch.degrees, welch.p) == (near(2.409732), near(95.314833, 5), near(0.017884))
    assert welch.interval == near((0.123332, 1.276668))
    assert MeanScore({7: 1}).interval is None
    assert MeanScore({7: 9, 1: 0}).interval == (7.0, 7.0)
    assert compare_means(MeanScore({7: 9}), MeanScore({6: 9})) is None


def test_the_p_value_of_two_shares() -> None:
    assert compare_shares(56, 70, 48, 80) == near(0.008258)
    # The smallest expected count is 3/10, so this is Fisher's.
    assert compare_shares(1, 3, 0, 7) == near(0.3)
    assert compare_shares(0, 4, 0, 9) == 1.0
    assert compare_shares(0, 0, 1, 2) is None


def test_the_prior_of_a_league_table() -> None:
    prior = estimate_by_moments(AGENTS)
    assert (prior.a, prior.b, prior.mean) == (near(2.461693), near(0.562945), near(0.813880))
    shrunk_shares = rank_groups(AGENTS)
    expected_shares = (0.880001, 0.753066, 0.906559, 0.898717, 0.522066, 0.492793)
    assert [estimate.shrunk for estimate in shrunk_shares] == near(expected_shares)
    assert shrunk_shares[2].interval == near((0.600697, 0.999779))
    assert shrunk_shares[5].interval == near((0.162018, 0.827414))
    assert [shrunk_shares[place].below for place in (1, 4, 3)] == near([0.872939, 0.999992, 0.000343])
    assert [estimate.difference for estimate in shrunk_shares] == [None, None, None, "higher", "lower", "lower"]


def test_the_prior_by_maximum_likelihood() -> None:
    fit = fit_by_likelihood(AGENTS, (2.461693, 0.562945), 1e4)
    assert fit == near((4.580874, 1.729322), 5)
    assert fit is not None
    prior = Prior(*fit)
    assert [to_shrunk_share(AGENTS[place], prior).shrunk for place in (2, 5)] == near([0.814255, 0.541297], 5)
    eight = [*AGENTS, GroupCount(30, 50), GroupCount(70, 80), GroupCount(0, 0)]
    assert estimate_prior(eight) == near(fit_by_likelihood(eight, (1.0, 1.0), 1e4), 5)


def test_the_fit_is_at_the_maximum_from_any_start() -> None:
    def likelihood(a: float, b: float) -> float:
        constant = lgamma(a + b) - lgamma(a) - lgamma(b)
        parts = (lgamma(x + a) + lgamma(n - x + b) - lgamma(n + a + b) + constant for x, n in AGENTS)
        return sum(parts)

    for start in ((0.01, 5.0), (500.0, 1.0), (3.0, 3.0)):
        a, b = fit_by_likelihood(AGENTS, start, 1e4) or (0.0, 0.0)
        around = [(a * 1.001, b), (a * 0.999, b), (a, b * 1.001), (a, b * 0.999)]
        assert all(likelihood(a, b) > likelihood(*place) for place in around), start


def test_few_equal_or_perfect_groups_keep_their_order() -> None:
    for groups in (
        [(3, 3), (0, 9)],
        [(5, 5)] * 9,
        [(0, 5), (0, 50)],
        [(50, 100)] * 12,
        [(1, 1)] * 7,
        [(n % 2, 1) for n in range(20)],
    ):
        shrunk_shares = rank_groups([GroupCount(*group) for group in groups])
        assert all(0 < estimate.interval[0] < estimate.shrunk < estimate.interval[1] <= 1 for estimate in shrunk_shares)
    assert rank_groups([GroupCount(0, 0)]) == []


def test_weights_for_unequal_response() -> None:
    weighted = weight_shares(STRATA, max_ratio=None)
    assert weighted is not None
    assert (weighted.share, weighted.effective_n) == (near(0.662857), near(188.461538))
    assert (weighted.design_effect, weighted.standard_error) == (near(2.653061), near(0.035595))
    assert weighted.interval == near((0.592710, 0.726498))
    trimmed = weight_shares(STRATA)
    assert trimmed is not None and trimmed.is_trimmed and not weighted.is_trimmed
    # The weights become 5, 25 and 5: 160 + 240 answers of weight 5, and 100 of weight 25.
    assert trimmed.share == pytest.approx((5 * 328 + 25 * 60) / (5 * 400 + 25 * 100))
    assert weight_shares([Stratum(100, 4, 4), Stratum(100, 50, 20)]) is None
    uneven = [Stratum(100_000, 5, 5), Stratum(100, 100, 90)]
    assert weight_shares(uneven, max_ratio=None) is None
    assert to_stability_index([Stratum(5, 0, 0), Stratum(5, 5, 0)]) is None


def test_sample_sizes() -> None:
    margins = {100: 9.7998, 385: 4.9945, 400: 4.8999, 500: 4.3826, 1000: 3.0990, 1068: 2.9987, 2401: 2.0}
    assert [100 * to_margin(n) for n in margins] == near(list(margins.values()), 4)
    assert [to_sample_size(margin) for margin in (0.05, 0.03, 0.02)] == [385, 1068, 2401]
    assert (100 * to_margin(400, 1000), to_sample_size(0.05, 1000)) == (near(3.797353), 278)


def test_whole_percents_add_to_100() -> None:
    for counts in ([1, 1, 1], [526, 45, 70], [1, 999], [0, 3], [7] * 7):
        percents = to_whole_percents(counts)
        assert sum(percents) == 100
        assert all(abs(percent - 100 * n / sum(counts)) < 1 for percent, n in zip(percents, counts, strict=True))


def test_the_quantile_inverts_the_distribution() -> None:
    for a, b in ((0.3, 0.7), (2, 3), (400.5, 0.6), (9000, 4000)):
        for p in (1e-6, 0.025, 0.5, 0.975):
            assert beta_distribution(beta_quantile(p, a, b), a, b) == pytest.approx(p, rel=1e-8)


def test_the_examples_of_the_docstrings_hold() -> None:
    results = [
        doctest.testmod(importlib.import_module(f"{statistics.__name__}.{module.name}"))
        for module in pkgutil.iter_modules(statistics.__path__)
    ]
    assert (sum(result.failed for result in results), sum(result.attempted for result in results) > 20) == (0, True)
