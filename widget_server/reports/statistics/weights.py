"""Weights for unequal response, and how much the answers differ from those who were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import median
from typing import NamedTuple

from .shares import MIN_ANSWERS, Interval, to_wilson_interval

#: Below this share of effective answers a weighted value says too little.
MIN_EFFECTIVE_SHARE = 0.2
#: Larger weights are cut to this multiple of the median weight.
MAX_WEIGHT_RATIO = 5.0
#: From this population stability index the answers are too unlike the people asked.
ALARMING_PSI = 0.25


class Stratum(NamedTuple):
    """A part of the people asked whose response rate may differ from that of others, such as a channel."""

    asked: int
    answered: int
    positive: int


@dataclass(frozen=True)
class WeightedShare:
    """A share in which each stratum counts as much as it was asked."""

    share: float
    #: The number of unweighted answers that would be as exact (Kish 1965, "Survey Sampling").
    effective_n: float
    #: The variance in relation to that of unweighted answers.
    design_effect: float
    interval: Interval
    standard_error: float
    #: Whether a weight was cut.
    is_trimmed: bool


def weight_shares(strata: Sequence[Stratum], max_ratio: float | None = MAX_WEIGHT_RATIO) -> WeightedShare | None:
    """Return the share weighted by the inverse response rate of each stratum.

    None if a stratum has fewer than 5 answers (merge it with another one), or the effective answers are less than a
    fifth. `max_ratio` limits a weight to this multiple of the median weight of the answers.
    """
    if not strata or min(stratum.answered for stratum in strata) < MIN_ANSWERS:
        return None
    weights = [stratum.asked / stratum.answered for stratum in strata]
    trimmed = weights if max_ratio is None else _trim(weights, strata, max_ratio)
    weight_sum = sum(weight * stratum.answered for weight, stratum in zip(trimmed, strata, strict=True))
    squares = sum(weight**2 * stratum.answered for weight, stratum in zip(trimmed, strata, strict=True))
    n = sum(stratum.answered for stratum in strata)
    effective_n = weight_sum**2 / squares
    if effective_n / n < MIN_EFFECTIVE_SHARE:
        return None
    share = sum(weight * stratum.positive for weight, stratum in zip(trimmed, strata, strict=True)) / weight_sum
    variance = 0.0
    for weight, stratum in zip(trimmed, strata, strict=True):
        part, positive = weight * stratum.answered / weight_sum, stratum.positive / stratum.answered
        variance += part**2 * positive * (1 - positive) / (stratum.answered - 1)
    interval = to_wilson_interval(share * effective_n, effective_n)
    assert interval is not None
    return WeightedShare(share, effective_n, n / effective_n, interval, sqrt(variance), trimmed != weights)


def _trim(weights: Sequence[float], strata: Sequence[Stratum], max_ratio: float) -> list[float]:
    """Return the weights, none above this multiple of the median over all answers."""
    by_answer = [weight for weight, stratum in zip(weights, strata, strict=True) for _ in range(stratum.answered)]
    limit = max_ratio * median(by_answer)
    return [min(weight, limit) for weight in weights]


def to_stability_index(strata: Sequence[Stratum]) -> float | None:
    """Return the population stability index of the answers against those asked; None if a stratum has none of one.

    >>> round(to_stability_index([Stratum(800, 160, 0), Stratum(5000, 100, 0), Stratum(1200, 240, 0)]), 6)
    1.184187
    """
    asked_count, answered_count = sum(stratum.asked for stratum in strata), sum(stratum.answered for stratum in strata)
    if not all(stratum.asked and stratum.answered for stratum in strata) or not strata:
        return None
    pairs = [(stratum.asked / asked_count, stratum.answered / answered_count) for stratum in strata]
    return sum((q - p) * log(q / p) for p, q in pairs)


def to_total_variation(strata: Sequence[Stratum]) -> float | None:
    """Return the share of answers that would have to move for the mix of those asked; None without answers.

    >>> round(to_total_variation([Stratum(800, 160, 0), Stratum(5000, 100, 0), Stratum(1200, 240, 0)]), 6)
    0.514286
    """
    asked_count, answered_count = sum(stratum.asked for stratum in strata), sum(stratum.answered for stratum in strata)
    if not asked_count or not answered_count:
        return None
    return sum(abs(stratum.answered / answered_count - stratum.asked / asked_count) for stratum in strata) / 2


def to_r_indicator(strata: Sequence[Stratum]) -> float | None:
    """Return how even the response rates are, 1 being the same in all strata; None below two people asked.

    B. Schouten, F. Cobben, J. Bethlehem (2009), "Indicators for the representativeness of survey response", Survey
    Methodology 35.

    >>> round(to_r_indicator([Stratum(800, 160, 0), Stratum(5000, 100, 0), Stratum(1200, 240, 0)]), 6)
    0.837357
    """
    asked_count, answered_count = sum(stratum.asked for stratum in strata), sum(stratum.answered for stratum in strata)
    if asked_count < 2:
        return None
    rate = answered_count / asked_count
    spread = sum(stratum.asked * (stratum.answered / stratum.asked - rate) ** 2 for stratum in strata if stratum.asked)
    return 1 - 2 * sqrt(spread / (asked_count - 1))
