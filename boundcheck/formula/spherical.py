"""The moments C_k = Π_{j<k} (m + 2j)(n + 2j)/(2j + 1) of S2, and norm bounds that are made of them.

log C_k needs a few logarithms at any size, and the best order k is found by bisection: no table, no largest order.
"""

from __future__ import annotations

import math
from functools import lru_cache

LARGEST = 709.0
"""exp of this is a float."""
_FEW = 64
_STIRLING = 1e5
_MOST_ORDERS = 1 << 62


def log_moment(k: int, m: float, n: float) -> float:
    """log C_k, for k ≥ 0 and m, n ≥ 1.

    Examples
    --------
    >>> round(math.exp(log_moment(2, 3, 5)), 9)  # 3·5 · 5·7/3
    175.0
    """
    if k <= _FEW:
        return math.fsum(log_ratio(j, m, n) for j in range(k))
    return k * math.log(2) + _log_rising(m / 2, k) + _log_rising(n / 2, k) - _log_rising(0.5, k)


def log_ratio(k: int, m: float, n: float) -> float:
    """log (C_{k+1}/C_k)."""
    return math.log((m + 2 * k) / (2 * k + 1)) + math.log(n + 2 * k)


def _log_rising(a: float, k: int) -> float:
    """log Γ(a + k)/Γ(a); by Stirling's series where the difference of large logarithms would cancel."""
    if a < _STIRLING:
        return math.lgamma(a + k) - math.lgamma(a)
    rest = 1 / (12 * (a + k)) - 1 / (12 * a)  # the next term is below 1e-17
    return (a - 0.5) * math.log1p(k / a) + k * (math.log(a + k) - 1) + rest


def excess(k: int, m: float, n: float) -> float:
    """k log(C_{k+1}/C_k) - log C_k: where it is at least the level, order k + 1 is no better than k."""
    return k * log_ratio(k, m, n) - log_moment(k, m, n)


@lru_cache(maxsize=1 << 12)
def best_order(m: float, n: float, level: float) -> int:
    """The k ≥ 1 of the least (level + log C_k)/(2k), for a level of at least 0.

    With L = log C, the second difference of L has the sign of k² + 2k + (a+b+1)/2 - ab, a = m/2 and b = n/2: below 0,
    if at all, then above. :func:`excess` is 0 at k = 0 and changes from k to k + 1 by k + 1 times that difference, so
    that it first falls, if at all, and then grows without end: it passes a level of at least 0 once.
    """
    high = 1
    while excess(high, m, n) < level and high < _MOST_ORDERS:
        high *= 2
    low = high // 2  # excess < level here, or 0
    while high - low > 1:
        middle = (low + high) // 2
        if excess(middle, m, n) < level:
            low = middle
        else:
            high = middle
    return high


def spherical_quantile(m: float, n: float, level: float) -> float:
    """The least (e^level C_k)^{1/(2k)} over all k ≥ 1; 0 for an empty matrix.

    Parameters
    ----------
    m, n
        Numbers of rows and columns, rounded up.
    level
        -log of a probability; below 0 it counts as 0, and what is not finite gives NaN.
    """
    if not math.isfinite(m + n + level):
        return math.nan
    if not (m > 0 and n > 0):
        return 0.0
    low, high = sorted((float(math.ceil(m)), float(math.ceil(n))))
    level = max(level, 0.0)
    k = best_order(low, high, level)
    least = (level + log_moment(k, low, high)) / (2 * k)
    return math.exp(least) if least < LARGEST else math.inf


def spherical_tail(m: float, n: float, t: float) -> float:
    """The least C_k/t^{2k} over all k ≥ 0: the inverse of :func:`spherical_quantile`."""
    if not math.isfinite(m + n + t):
        return math.nan
    if t <= 0:
        return 1.0
    if not (m > 0 and n > 0):
        return 0.0
    low, high = sorted((float(math.ceil(m)), float(math.ceil(n))))
    k = last_fall(low, high, t)
    return math.exp(min(0.0, log_moment(k, low, high) - 2 * k * math.log(t)))


def last_fall(m: float, n: float, t: float) -> int:
    """The k of the last local minimum of C_k/t^{2k}, 0 where it never falls.

    C_{k+1}/(C_k t²) < 1 where (m + 2k)(n + 2k) < (2k + 1) t²: between the roots of a quadratic in k.
    """
    half = (t * t - m - n) / 4  # the roots are half ± √(half² - (mn - t²)/4)
    under = half * half - (m * n - t * t) / 4
    return max(0, math.ceil(half + math.sqrt(under))) if under >= 0 else 0
