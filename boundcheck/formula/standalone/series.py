"""Norms of matrices of few entries by moment generating functions."""

from __future__ import annotations

import math

THETAS = [2.0 ** (i / 8) for i in range(-96, 97)]


def log_add(x: float, y: float) -> float:
    """log(e^x + e^y)."""
    low, high = sorted((x, y))
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def log_expm1(x: float) -> float:
    """log(e^x - 1) for x ≥ 0."""
    if x > 1:
        return x + math.log1p(-math.exp(-x))
    return math.log(math.expm1(x)) if x > 0 else -math.inf


def log_excess(theta: float, family: int) -> float:
    """log(E e^{θw} - 1), w uniform on [-1, 1] (0), standard normal (1), or a sign (2)."""
    square = theta * theta
    if family == 1:
        return log_expm1(square / 2)
    if family == 2:
        return theta + math.log1p(-math.exp(-theta)) * 2 - math.log(2)
    if theta < 0.2:
        return math.log(square / 6 * (1 + square / 20 * (1 + square / 42 * (1 + square / 72 * (1 + square / 110)))))
    return log_expm1(theta - math.log(2 * theta) + math.log1p(-math.exp(-2 * theta)))


def series_quantile(m: float, n: float, taps: float, share: float, level: float, family: float) -> float:
    """The least t over θ = 2^{i/8} with 2 cosh(θt) - 2 = e^level (m (G^{n taps} - 1) + n (G^{m taps} - 1)).

    G = 1 + share (E e^{θw} - 1), the weights w being of a law that `family` says.
    """
    known = math.isfinite(m + n + taps + share + level) and family in (0, 1, 2)
    if not (known and m >= 0 and n >= 0 and taps >= 1 and 0 <= share <= 1):
        return math.nan
    if not (m > 0 and n > 0 and share > 0):
        return 0.0
    values = []
    for theta in THETAS:
        growth = log_add(0.0, math.log(share) + log_excess(theta, int(family)))
        both = math.log(m) + log_expm1(n * taps * growth), math.log(n) + log_expm1(m * taps * growth)
        total = log_add(*both) + level - math.log(2)
        x = math.exp(min(total, 50.0))
        angle = math.log1p(x + math.sqrt(x * (x + 2))) if total < 50 else total + math.log(2)
        values.append(angle / theta)
    return min(values)
