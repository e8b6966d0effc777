"""League tables of agents, articles or channels by a shrunk share.

A share of few answers is drawn towards the share of all, so that three answers cannot lead a table. The method is the
beta-binomial empirical Bayes estimate: B. Efron and C. Morris (1975), "Data analysis using Stein's estimator and its
generalizations", JASA 70; D. Robinson (2017), "Introduction to Empirical Bayes".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .beta import beta_distribution, beta_quantile
from .beta_fit import fit_by_likelihood
from .shares import Interval

#: Below this number of groups their spread cannot be estimated, so `DEFAULT_STRENGTH` is taken.
MIN_GROUPS = 5
#: From this number of groups the spread is estimated by maximum likelihood, below it by moments.
MIN_GROUPS_FOR_LIKELIHOOD = 8
#: The prior weighs as much as this number of answers.
DEFAULT_STRENGTH = 10.0
#: The limits of the correlation of answers within a group.
MIN_CORRELATION, MAX_CORRELATION = 1e-4, 0.5
#: A group is marked only if it is this likely to be above or below the share of all.
MIN_PROBABILITY = 0.95


Difference = Literal["higher", "lower"]


class GroupCount(NamedTuple):
    """The positive answers of a group, and all of them."""

    positive: int
    n: int


class Prior(NamedTuple):
    """The distribution of the groups' shares: Beta(a, b)."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)


@dataclass(frozen=True)
class ShrunkShare:
    """The share of a group, drawn towards that of all groups: the mean of Beta(a, b)."""

    a: float
    b: float
    #: The share of all groups.
    prior_mean: float

    @property
    def shrunk(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def interval(self) -> Interval:
        """Return the 95 % interval of the group's share."""
        return beta_quantile(0.025, self.a, self.b), beta_quantile(0.975, self.a, self.b)

    @property
    def below(self) -> float:
        """Return the probability that the group's share is below that of all groups."""
        return beta_distribution(self.prior_mean, self.a, self.b)

    @property
    def difference(self) -> Difference | None:
        """Return "higher" or "lower" if the group clearly differs from all, else None."""
        below = self.below
        if below > MIN_PROBABILITY:
            return "lower"
        return "higher" if below < 1 - MIN_PROBABILITY else None


def rank_groups(groups: Sequence[GroupCount]) -> list[ShrunkShare]:
    """Return the shrunk share of each group, in the given order."""
    prior = estimate_prior(groups)
    return [] if prior is None else [to_shrunk_share(group, prior) for group in groups]


def to_shrunk_share(group: GroupCount, prior: Prior) -> ShrunkShare:
    """Return the shrunk share of a group under a prior."""
    return ShrunkShare(group.positive + prior.a, group.n - group.positive + prior.b, prior.mean)


def estimate_prior(groups: Sequence[GroupCount]) -> Prior | None:
    """Return the prior of groups; None if they have no answers."""
    rated = [group for group in groups if group.n]
    positive, n = sum(group.positive for group in rated), sum(group.n for group in rated)
    if not n:
        return None
    if positive in (0, n):
        # Without any spread the share of all is at an end, where no beta distribution is. Half an answer keeps it off.
        mean = (positive + 0.5) / (n + 1)
        return Prior(DEFAULT_STRENGTH * mean, DEFAULT_STRENGTH * (1 - mean))
    mean = positive / n
    if len(rated) < MIN_GROUPS:
        return Prior(DEFAULT_STRENGTH * mean, DEFAULT_STRENGTH * (1 - mean))
    by_moments = estimate_by_moments(rated)
    if len(rated) < MIN_GROUPS_FOR_LIKELIHOOD:
        return by_moments
    fit = fit_by_likelihood(rated, by_moments, max_strength=1 / MIN_CORRELATION - 1)
    return by_moments if fit is None else Prior(*fit)


def estimate_by_moments(groups: Sequence[GroupCount]) -> Prior:
    """Return the prior whose spread explains that of the shares (Kleinman 1973, JASA 68).

    >>> prior = estimate_by_moments([GroupCount(*c) for c in [(9, 10), (45, 60), (3, 3), (180, 200), (20, 40), (1, 4)]])
    >>> round(prior.a, 6), round(prior.b, 6)
    (2.461693, 0.562945)
    """
    n = sum(group.n for group in groups)
    mean = sum(group.positive for group in groups) / n
    spread = sum(group.n * (group.positive / group.n - mean) ** 2 for group in groups)
    freedom = len(groups) - 1
    sizes = n - sum(group.n**2 for group in groups) / n
    excess = spread / (mean * (1 - mean)) - freedom
    correlation = min(max(excess / (sizes - freedom) if sizes > freedom else 0.0, MIN_CORRELATION), MAX_CORRELATION)
    strength = 1 / correlation - 1
    return Prior(strength * mean, strength * (1 - mean))
