"""The Net Promoter Score: promoters minus detractors, -100 to 100, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from .shares import Interval, Z, combine_intervals

#: Three answers are added before the interval is computed: 3/4 promoters, 3/2 passives and 3/4 detractors.
ADDED_ANSWERS = 3.0
ADDED_AT_EACH_END = 0.75


@dataclass(frozen=True)
class NetScore:
    """The counts of one group."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float | None:
        """Return the score as counted, -100 to 100, or None without answers.

        >>> NetScore(70, 20, 10).score
        60.0
        """
        return 100 * (self.promoters - self.detractors) / self.n if self.n else None

    @property
    def standard_error(self) -> float | None:
        """Return the standard error of the score in points, or None without answers."""
        return 100 * _standard_error(self.promoters, self.detractors, self.n) if self.n else None

    @property
    def unclipped_interval(self) -> Interval:
        """Return the adjusted Wald interval before it is limited to the scale.

        B. Rocks (2016), "Interval estimation for the Net Promoter Score", The American Statistician 70, 365.
        """
        promoters, detractors = self.promoters + ADDED_AT_EACH_END, self.detractors + ADDED_AT_EACH_END
        n = self.n + ADDED_ANSWERS
        middle, reach = (promoters - detractors) / n, Z * _standard_error(promoters, detractors, n)
        return 100 * (middle - reach), 100 * (middle + reach)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % interval of the score, -100 to 100, or None without answers.

        >>> [round(end, 4) for end in NetScore(60, 25, 15).interval]
        [29.3431, 58.0355]
        """
        if not self.n:
            return None
        low, high = self.unclipped_interval
        return max(low, -100.0), min(high, 100.0)


def to_net_difference(score: NetScore, other_score: NetScore) -> Interval | None:
    """Return the 95 % interval of the difference of two scores in points, or None if one has no answers.

    MOVER on the adjusted intervals: see `combine_intervals`.

    >>> [round(end, 6) for end in to_net_difference(NetScore(60, 25, 15), NetScore(45, 30, 25))]
    [3.272523, 45.816572]
    """
    if score.score is None or other_score.score is None:
        return None
    # The clipped intervals would give a difference that is too narrow at the ends of the scale.
    return combine_intervals(score.score, score.unclipped_interval, other_score.score, other_score.unclipped_interval)


def _standard_error(promoters: float, detractors: float, n: float) -> float:
    score = (promoters - detractors) / n
    return sqrt(max((promoters + detractors) / n - score * score, 0.0) / n)
