"""Confidence of a share: its interval, and the numbers of answers that it needs."""

from __future__ import annotations

from math import sqrt

#: The quantile of the normal distribution for a 95 % interval.
Z = 1.959963984540054
#: Below this no share is shown.
MIN_ANSWERS = 5
#: Below this the share is shown as tentative.
MIN_RELIABLE_ANSWERS = 30


def to_wilson_interval(positive: int, n: int) -> tuple[float, float] | None:
    """Return the 95 % score interval of `positive` of `n`, 0 to 1, or None if `n` is 0.

    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.

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
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    reach = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    # At 0 and 1 the formula is exact except for rounding errors, so the exact value is returned.
    low = 0.0 if positive == 0 else middle - reach
    return low, 1.0 if positive == n else middle + reach
