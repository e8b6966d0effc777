"""Many comparisons in one table: p-values, and which of them remain."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt
from statistics import NormalDist

#: Below this expected count the chi-squared test is replaced by Fisher's.
MIN_EXPECTED = 1.0


def compare_shares(positive: int, n: int, other_positive: int, other_n: int) -> float | None:
    """Return the p-value of two shares being the same, or None if a group is empty.

    The N-1 chi-squared test, or Fisher's exact test if an expected count is below 1: I. Campbell (2007), "Chi-squared
    and Fisher-Irwin tests of two-by-two tables with small sample recommendations", Statistics in Medicine 26.

    >>> round(compare_shares(56, 70, 48, 80), 6)
    0.008258
    """
    total, positives = n + other_n, positive + other_positive
    if not n or not other_n:
        return None
    if positives in (0, total):
        return 1.0
    if min(n, other_n) * min(positives, total - positives) / total < MIN_EXPECTED:
        return to_fisher_p(positive, n, other_positive, other_n)
    cross = positive * (other_n - other_positive) - other_positive * (n - positive)
    chi_squared = cross**2 * (total - 1) / (n * other_n * positives * (total - positives))
    return 2 * NormalDist().cdf(-sqrt(chi_squared))


def to_fisher_p(positive: int, n: int, other_positive: int, other_n: int) -> float:
    """Return the two-sided p-value of Fisher's exact test: the sum of all tables that are at most as likely.

    >>> round(to_fisher_p(56, 70, 48, 80), 6)
    0.012521
    """
    positives = positive + other_positive
    ways = [
        comb(n, count) * comb(other_n, positives - count)
        for count in range(max(0, positives - other_n), min(n, positives) + 1)
    ]
    limit = comb(n, positive) * comb(other_n, other_positive)
    return sum(way for way in ways if way <= limit) / sum(ways)


def adjust_for_table(p_values: Sequence[float]) -> list[float]:
    """Return p-values that control the false discovery rate of a table.

    Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate", JRSS B 57.

    >>> adjust_for_table([0.001, 0.012, 0.021, 0.04, 0.3])
    [0.005, 0.03, 0.035, 0.05, 0.3]
    """
    adjusted = [1.0] * len(p_values)
    lowest = 1.0
    places = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, place in reversed(list(enumerate(places, start=1))):
        lowest = min(lowest, p_values[place] * len(p_values) / rank)
        adjusted[place] = lowest
    return adjusted


def adjust_for_alerts(p_values: Sequence[float]) -> list[float]:
    """Return p-values that control the chance of any false alarm.

    S. Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6.

    >>> adjust_for_alerts([0.001, 0.012, 0.021, 0.04, 0.3])
    [0.005, 0.048, 0.063, 0.08, 0.3]
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted
