"""The statistics of reports agree with scipy, over many inputs that no published table has."""

from __future__ import annotations

from math import log
from random import Random

import pytest
from scipy import optimize, special, stats

from widget_server.reports.statistics.beta import beta_distribution, beta_quantile, t_distribution, t_quantile
from widget_server.reports.statistics.beta_fit import digamma, fit_by_likelihood, trigamma
from widget_server.reports.statistics.comparisons import adjust_for_table, to_fisher_p
from widget_server.reports.statistics.means import MeanScore, compare_means
from widget_server.reports.statistics.shares import to_wilson_interval


def test_special_functions() -> None:
    random = Random(1)
    for _ in range(500):
        a, b = (10 ** random.uniform(-1, 4) for _ in range(2))
        x, degrees = random.betavariate(a, b), random.uniform(1, 500)
        assert beta_distribution(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-12)
        assert t_distribution(x * 4, degrees) == pytest.approx(stats.t.cdf(x * 4, degrees), rel=1e-9)
        assert digamma(a) == pytest.approx(special.digamma(a), rel=1e-11, abs=1e-12)
        assert trigamma(a) == pytest.approx(special.polygamma(1, a), rel=1e-11)
    for a, b in ((0.5, 0.5), (3, 1.2), (900.5, 100)):
        assert beta_quantile(0.025, a, b) == pytest.approx(special.betaincinv(a, b, 0.025), rel=1e-9)
        assert t_quantile(0.975, a) == pytest.approx(stats.t.ppf(0.975, a), rel=1e-9)


def test_shares_and_p_values() -> None:
    random = Random(2)
    for _ in range(40):
        n, other_n = random.randint(1, 60), random.randint(1, 60)
        x, other_x = random.randint(0, n), random.randint(0, other_n)
        interval = stats.binomtest(x, n).proportion_ci(method="wilson")
        assert to_wilson_interval(x, n) == pytest.approx((interval.low, interval.high), abs=1e-12)
        table = [[x, n - x], [other_x, other_n - other_x]]
        assert to_fisher_p(x, n, other_x, other_n) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    p_values = [random.random() ** 3 for _ in range(30)]
    assert adjust_for_table(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))


def test_means() -> None:
    random = Random(3)
    for _ in range(20):
        scores = [[random.randint(1, 7) for _ in range(random.randint(3, 40))] for _ in range(2)]
        first, second = (MeanScore({score: group.count(score) for score in range(1, 8)}) for group in scores)
        expected, welch = stats.ttest_ind(*scores, equal_var=False), compare_means(first, second)
        assert welch is not None
        assert (welch.t, welch.p, welch.degrees) == pytest.approx((expected.statistic, expected.pvalue, expected.df))
        interval = expected.confidence_interval()
        assert welch.interval == pytest.approx((interval.low, interval.high))


def test_the_prior_of_many_groups() -> None:
    random = Random(4)
    sizes = [random.randint(1, 200) for _ in range(60)]
    groups = [
        (sum(random.random() < share for _ in range(n)), n) for n in sizes for share in [random.betavariate(8, 2)]
    ]

    def loss(logs: list[float]) -> float:
        a, b = (float(value) for value in special.exp2(logs))
        return -float(sum(stats.betabinom.logpmf(x, n, a, b) for x, n in groups))

    expected = optimize.minimize(loss, [log(5), log(2)], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    assert fit_by_likelihood(groups, (1.0, 1.0), 1e4) == pytest.approx(tuple(special.exp2(expected.x)), rel=1e-4)
