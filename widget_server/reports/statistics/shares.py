"""Shares: their intervals, their differences, and the numbers of answers that they need."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

#: The quantile of the normal distribution for a 95 % interval.
Z = 1.959963984540054
#: Below this no share is shown.
MIN_ANSWERS = 5
#: Below this the share is shown as tentative.
MIN_RELIABLE_ANSWERS = 30
#: The margins of error of a share, as shares, that the hints of sample size name.
HINTED_MARGINS = (0.05, 0.03)

Interval = tuple[float, float]


def to_wilson_interval(positive: float, n: float, z: float = Z) -> Interval | None:
    """Return the 95 % score interval of `positive` of `n`, 0 to 1, or None if `n` is 0.

    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22. Weighted
    answers have fractions of `positive` and `n`.

    >>> [round(end, 6) for end in to_wilson_interval(8, 10)]
    [0.490162, 0.943318]
    >>> [round(end, 6) for end in to_wilson_interval(1, 1)]
    [0.206549, 1.0]
    >>> to_wilson_interval(0, 0) is None
    True
    """
    if not n:
        return None
    share = positive / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At 0 and 1 the formula is exact except for rounding errors, so the exact value is returned.
    low = 0.0 if positive == 0 else middle - reach
    return low, 1.0 if positive == n else middle + reach


def combine_intervals(first: float, first_interval: Interval, second: float, second_interval: Interval) -> Interval:
    """Return the interval of the difference `first - second` of two independent estimates from their intervals.

    The rule (MOVER) is that of R. G. Newcombe (1998), "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", Statistics in Medicine 17, method 10.
    """
    difference = first - second
    (first_low, first_high), (second_low, second_high) = first_interval, second_interval
    return (
        difference - sqrt((first - first_low) ** 2 + (second_high - second) ** 2),
        difference + sqrt((first_high - first) ** 2 + (second - second_low) ** 2),
    )


def to_newcombe_interval(positive: int, n: int, other_positive: int, other_n: int) -> Interval | None:
    """Return the 95 % interval of the difference of two shares, or None if one has no answers.

    Newcombe (1998), method 10: see `combine_intervals`.

    >>> [round(end, 6) for end in to_newcombe_interval(56, 70, 48, 80)]
    [0.052431, 0.333873]
    """
    interval, other_interval = to_wilson_interval(positive, n), to_wilson_interval(other_positive, other_n)
    if interval is None or other_interval is None:
        return None
    return combine_intervals(positive / n, interval, other_positive / other_n, other_interval)


def to_margin(n: int, population: int | None = None) -> float:
    """Return the largest margin of error of a share of `n` answers at 95 %, 0 to 1.

    With a `population` it is smaller, by the finite population correction (Cochran 1977, "Sampling Techniques").

    >>> round(to_margin(400), 6), round(to_margin(400, 1000), 6)
    (0.048999, 0.037974)
    """
    margin = Z * sqrt(0.25 / n)
    return margin if population is None else margin * sqrt((population - n) / (population - 1))


def to_sample_size(margin: float, population: int | None = None) -> int:
    """Return the number of answers after which a share has at most this margin of error at 95 % (Cochran 1977).

    >>> to_sample_size(0.05), to_sample_size(0.03), to_sample_size(0.05, 1000)
    (385, 1068, 278)
    """
    size = Z * Z * 0.25 / margin**2
    return ceil(size if population is None else size / (1 + (size - 1) / population))


def to_whole_percents(counts: Sequence[int]) -> list[int]:
    """Return counts as whole percents that add to 100, by the largest remainder; all are 0 without answers.

    >>> to_whole_percents([1, 1, 1]), to_whole_percents([0, 0])
    ([34, 33, 33], [0, 0])
    """
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    percents = [100 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda place: (-(100 * counts[place] % total), place))
    for place in by_remainder[: 100 - sum(percents)]:
        percents[place] += 1
    return percents
