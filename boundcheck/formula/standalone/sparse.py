"""Norms of matrices of few entries by moments of a smaller Gaussian matrix."""

from __future__ import annotations

import math

from boundcheck.formula.standalone.moments import LARGEST_EXPONENT, moments

SPARSE_ORDERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 33, 39, 46, 54, 64)


def spread(q: int, taps: int, base: float) -> float:
    """(taps E (1 + B)^{q-1})^{1/(q-1)} in parts of taps, B binomial with taps - 1 and base; for q = 1 that of q = 2."""
    power, others = max(q - 1, 1), taps - 1
    if others == 0 or base == 1:
        return float(taps)
    terms = (
        math.comb(others, j) * base**j * (1 - base) ** (others - j) * ((1 + j) / taps) ** power
        for j in range(others + 1)
    )
    return float(taps * math.fsum(terms) ** (1 / power))


def sparse_quantile(
    m: float, n: float, taps: float, ratio: float, level: float, count: float = 1.0, size: float = 1.0
) -> float:
    """√max(1, ratio) times the least (e^level F_q)^{1/(2q)}.

    F_q = min(m/r, n/r') ℓ^q M_q(r, r') Π_{i ≤ 2q} (count + i)/(size + i), ℓ the spread, base = min(1, ratio),
    β = taps base/ℓ, and r, for n likewise r', is min(m, ⌈β m + (1-β)(q-1) + 2^-30⌉).
    """
    if not math.isfinite(m + n + taps + ratio + level + count + size) or not ratio > 0:
        return math.nan
    if not (m > 0 and n > 0):
        return 0.0
    low, high = sorted((math.ceil(m), math.ceil(n)))
    base, whole = min(1.0, ratio), round(taps)
    least = math.inf
    for q in SPARSE_ORDERS:
        factor = math.fsum(math.log((count + i) / (size + i)) for i in range(1, 2 * q + 1))
        width = spread(q, whole, base)
        beta = min(1.0, whole * base / width)
        r, s = (min(x, math.ceil(beta * x + (1 - beta) * (q - 1) + 2.0**-30)) for x in (low, high))
        log_moment = math.log(moments(r, s, q)[-1] * min(low * s, high * r)) - math.log(r * s)
        least = min(least, (log_moment + q * math.log(width) + factor + level) / (2 * q))
    least += math.log(max(1.0, ratio)) / 2
    return math.exp(least) if least < LARGEST_EXPONENT else math.inf
