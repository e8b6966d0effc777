"""Means of a scale, such as the effort score, with the intervals of a mean and of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from .beta import t_distribution, t_quantile
from .shares import Interval

#: The quantile whose interval holds 95 %.
UPPER = 0.975


@dataclass(frozen=True)
class MeanScore:
    """The mean of scores, of which `counts` has the number of each.

    >>> effort = MeanScore({7: 20, 6: 15, 5: 8, 4: 4, 3: 2, 2: 0, 1: 1})
    >>> effort.mean, [round(end, 6) for end in effort.interval]
    (5.86, [5.483451, 6.236549])
    """

    counts: Mapping[int, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """Return the mean, or None without answers."""
        return sum(score * count for score, count in self.counts.items()) / self.n if self.n else None

    @property
    def variance(self) -> float | None:
        """Return the variance of the scores with the divisor n - 1, or None below two answers."""
        mean = self.mean
        if mean is None or self.n < 2:
            return None
        return sum(count * (score - mean) ** 2 for score, count in self.counts.items()) / (self.n - 1)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % t interval of the mean, within the scale, or None below two answers.

        "Student" (1908), "The probable error of a mean", Biometrika 6.
        """
        mean, variance = self.mean, self.variance
        if mean is None or variance is None:
            return None
        reach = t_quantile(UPPER, self.n - 1) * sqrt(variance / self.n)
        return max(mean - reach, min(self.counts)), min(mean + reach, max(self.counts))


@dataclass(frozen=True)
class WelchTest:
    """The comparison of two means whose variances may differ."""

    difference: float
    t: float
    degrees: float
    p: float
    interval: Interval


def compare_means(scores: MeanScore, other_scores: MeanScore) -> WelchTest | None:
    """Return the comparison of two means, or None if a variance is missing or both are 0.

    B. L. Welch (1947), "The generalization of Student's problem when several different population variances are
    involved", Biometrika 34.
    """
    mean, variance, other_mean, other_variance = (
        scores.mean,
        scores.variance,
        other_scores.mean,
        other_scores.variance,
    )
    if mean is None or variance is None or other_mean is None or other_variance is None:
        return None
    part, other_part = variance / scores.n, other_variance / other_scores.n
    if not part + other_part:
        return None
    degrees = (part + other_part) ** 2 / (part**2 / (scores.n - 1) + other_part**2 / (other_scores.n - 1))
    error, difference = sqrt(part + other_part), mean - other_mean
    reach = t_quantile(UPPER, degrees) * error
    t = difference / error
    p = 2 * t_distribution(-abs(t), degrees)
    return WelchTest(difference, t, degrees, p, (difference - reach, difference + reach))
