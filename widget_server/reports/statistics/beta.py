"""The beta distribution and its relatives, of which the standard library has none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import exp, lgamma, log, log1p

#: Terms of the continued fraction; it needs about the square root of the larger parameter.
MAX_TERMS = 10_000
PRECISION = 1e-15
TINY = 1e-300


def beta_distribution(x: float, a: float, b: float) -> float:
    """Return the distribution function of Beta(a, b) at `x`: the regularised incomplete beta function.

    Lentz's continued fraction: DLMF 8.17.22; Press et al., "Numerical Recipes", section 6.4.

    >>> round(beta_distribution(0.5, 2, 3), 10)
    0.6875
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_distribution(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * _continued_fraction(x, a, b) / a


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return the value below which Beta(a, b) is with probability `p`.

    >>> round(beta_quantile(0.6875, 2, 3), 10)
    0.5
    """
    return _bisect(lambda x: beta_distribution(x, a, b) < p, 0.0, 1.0)


def t_distribution(t: float, degrees: float) -> float:
    """Return the distribution function of Student's t (DLMF 8.17; Numerical Recipes, section 6.4)."""
    square = t * t
    if square < degrees:
        # Near 0 the first form would round the argument to 1.
        tail = (1 - beta_distribution(square / (degrees + square), 0.5, degrees / 2)) / 2
    else:
        tail = beta_distribution(degrees / (degrees + square), degrees / 2, 0.5) / 2
    return 1 - tail if t > 0 else tail


@functools.lru_cache(maxsize=10_000)
def t_quantile(p: float, degrees: float) -> float:
    """Return the value below which Student's t is with probability `p`, 0.5 or more.

    >>> round(t_quantile(0.975, 49), 6)
    2.009575
    """
    high = 1.0
    while t_distribution(high, degrees) < p:
        high *= 2
    return _bisect(lambda t: t_distribution(t, degrees) < p, 0.0, high)


def _continued_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, _keep_from_zero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _keep_from_zero(1 + numerator * d)
            c = _keep_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return value


def _keep_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def _bisect(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Return the place between `low` and `high` from which `is_below` is false."""
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return middle
        low, high = (middle, high) if is_below(middle) else (low, middle)
