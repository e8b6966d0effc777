"""Fit a beta distribution to the shares of groups by maximum likelihood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, hypot, lgamma, log

MAX_STEPS = 100
PRECISION = 1e-10
#: Below this the asymptotic series of `digamma` and `trigamma` is not exact enough.
MIN_ASYMPTOTIC = 10.0
#: The largest step of the logarithm of a parameter.
MAX_STEP = 2.0

Counts = Mapping[tuple[int, int], int]


def fit_by_likelihood(
    groups: Iterable[tuple[int, int]], start: tuple[float, float], max_strength: float
) -> tuple[float, float] | None:
    """Return (a, b) of the beta distribution under which the (positive, n) of groups are most likely.

    Newton's method on the logarithms of both (T. Minka 2000, "Estimating a Dirichlet distribution"), with steps that
    always raise the likelihood. None if a + b exceeds `max_strength`, as it does if chance alone explains the spread,
    or if the method does not converge.
    """
    counts = Counter((positive, n) for positive, n in groups)
    a, b = start
    likelihood = _log_likelihood(counts, a, b)
    for _ in range(MAX_STEPS):
        step = _newton_step(counts, a, b)
        if hypot(*step) < PRECISION:
            return a, b
        for _ in range(MAX_STEPS):
            new_a, new_b = a * exp(step[0]), b * exp(step[1])
            new_likelihood = _log_likelihood(counts, new_a, new_b)
            if new_likelihood >= likelihood:
                break
            step = step[0] / 2, step[1] / 2
            if hypot(*step) < PRECISION:
                return a, b
        a, b, likelihood = new_a, new_b, new_likelihood
        if a + b > max_strength:
            return None
    return None


def _newton_step(counts: Counts, a: float, b: float) -> tuple[float, float]:
    """Return the step of (log a, log b) towards the maximum."""
    slope_a = slope_b = bend_a = bend_b = bend_both = 0.0
    psi_a, psi_b, psi_both = digamma(a), digamma(b), digamma(a + b)
    tri_a, tri_b, tri_both = trigamma(a), trigamma(b), trigamma(a + b)
    for (positive, n), times in counts.items():
        shared_slope = psi_both - digamma(n + a + b)
        shared_bend = tri_both - trigamma(n + a + b)
        slope_a += times * (digamma(positive + a) - psi_a + shared_slope)
        slope_b += times * (digamma(n - positive + b) - psi_b + shared_slope)
        bend_a += times * (trigamma(positive + a) - tri_a + shared_bend)
        bend_b += times * (trigamma(n - positive + b) - tri_b + shared_bend)
        bend_both += times * shared_bend
    slopes = a * slope_a, b * slope_b
    bends = a * a * bend_a + slopes[0], a * b * bend_both, b * b * bend_b + slopes[1]
    determinant = bends[0] * bends[2] - bends[1] ** 2
    if bends[0] < 0 < determinant:
        step = (
            (bends[1] * slopes[1] - bends[2] * slopes[0]) / determinant,
            (bends[1] * slopes[0] - bends[0] * slopes[1]) / determinant,
        )
    else:
        # Far from the maximum the surface is not concave, so the step follows the slope.
        step = slopes
    length = hypot(*step)
    return step if length <= MAX_STEP else (step[0] * MAX_STEP / length, step[1] * MAX_STEP / length)


def _log_likelihood(counts: Counts, a: float, b: float) -> float:
    """Return the logarithm of the likelihood, without the part that does not depend on the parameters."""
    constant = lgamma(a + b) - lgamma(a) - lgamma(b)
    return sum(
        times * (constant + lgamma(positive + a) + lgamma(n - positive + b) - lgamma(n + a + b))
        for (positive, n), times in counts.items()
    )


def digamma(x: float) -> float:
    """Return the derivative of the logarithm of the gamma function (DLMF 5.5.2 and 5.11.2).

    >>> round(digamma(1.0), 10)
    -0.5772156649
    """
    value = 0.0
    while x < MIN_ASYMPTOTIC:
        value -= 1 / x
        x += 1
    square = 1 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return value + log(x) - 1 / (2 * x) - series


def trigamma(x: float) -> float:
    """Return the derivative of `digamma` (DLMF 5.15.5 and 5.15.8).

    >>> round(trigamma(1.0), 9)
    1.644934067
    """
    value = 0.0
    while x < MIN_ASYMPTOTIC:
        value += 1 / (x * x)
        x += 1
    square = 1 / (x * x)
    series = 1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * 5 / 66)))
    return value + 1 / x + square / 2 + series * square / x
