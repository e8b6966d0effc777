"""Pure sums: how far a share that was counted in some answers can be trusted."""

from __future__ import annotations

from math import sqrt

#: The normal distribution's quantile for an interval of 95 %.
Z = 1.959963984540054
#: With fewer answers a share is no score.
MIN_ANSWERED = 5
#: With fewer it is said with a grain of salt.
FEW = 30


def wilson(positive: int, n: int) -> tuple[float, float] | None:
    """The 95 % score interval of a share, 0 to 1; None where nobody answered.

    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.

    >>> [round(end, 6) for end in wilson(8, 10)]
    [0.490162, 0.943318]
    >>> [round(end, 6) for end in wilson(1, 1)]
    [0.206549, 1.0]
    >>> wilson(0, 0) is None
    True
    """
    if not n:
        return None
    share = positive / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    reach = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    # At the ends the sums are exact but for their last digits.
    low = 0.0 if positive == 0 else middle - reach
    return low, 1.0 if positive == n else middle + reach
