"""Norms by moments M_q(m, n) = E tr(GGᵀ)^q of a standard normal m × n matrix G."""

from __future__ import annotations

import math
from functools import lru_cache

ORDERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 33, 39, 46, 54, 64, 75, 88, 103, 120, 140, 164, 192, 224)
LAST_ORDER = 256
LARGEST_EXPONENT = 709.0


@lru_cache(maxsize=1 << 12)
def moments(m: int, n: int, most: int) -> tuple[int, ...]:
    """M_1(m, n), …, M_most(m, n): a recursion in q, in exact integers."""
    s, d = m + n - 1, (m - n) ** 2
    second = 3 * m * m + 2 * m * n + 3 * n * n - 4 * m - 4 * n
    found = [m * n, m * n * (m + n + 1), m * n * (m * m + n * n + 3 * m * n + 3 * m + 3 * n + 4)][:most]
    for q in range(4, most + 1):
        value = (4 * q - 1) * s * found[-1]
        value -= ((2 * q - 3) * second - 5 * q**3 + 16 * q * q - 13 * q + 1) * found[-2]
        value += s * ((4 * q - 11) * d - 10 * q**3 + 68 * q * q - 150 * q + 107) * found[-3]
        if q > 4:
            value -= (q - 4) * ((q - 2) ** 2 - d) * ((2 * q - 7) ** 2 - d) * found[-4]
        found.append(value // (q + 1))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def log_moments(m: int, n: int) -> tuple[tuple[int, float], ...]:
    """Pairs of q and log M_q(m, n)."""
    found = moments(m, n, LAST_ORDER)
    return tuple((q, math.log(found[q - 1])) for q in (*ORDERS, LAST_ORDER))


def moment_quantile(m: float, n: float, level: float) -> float:
    """The least (e^level M_q(m, n))^{1/(2q)}, which a norm with such moments exceeds with probability ≤ e^-level."""
    if not math.isfinite(m + n + level):
        return math.nan
    if not (m > 0 and n > 0):
        return 0.0
    low, high = sorted((math.ceil(m), math.ceil(n)))
    least = min((x + level) / (2 * q) for q, x in log_moments(low, high))
    return math.exp(least) if least < LARGEST_EXPONENT else math.inf


def moment_tail(m: float, n: float, t: float) -> float:
    """The least M_q(m, n) / t^{2q}, and at most 1."""
    if not math.isfinite(m + n + t):
        return math.nan
    if t <= 0:
        return 1.0
    if not (m > 0 and n > 0):
        return 0.0
    low, high = sorted((math.ceil(m), math.ceil(n)))
    return math.exp(min(0.0, *(x - 2 * q * math.log(t) for q, x in log_moments(low, high))))
