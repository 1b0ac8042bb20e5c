"""The upper quantile of a Beta law."""

from __future__ import annotations

import math


def stirling_remainder(a: float) -> float:
    """log Γ(a) less Stirling's (a - 1/2) log a - a + log(2π)/2."""
    if a < 16:
        return math.lgamma(a) - (a - 0.5) * math.log(a) + a - 0.5 * math.log(2 * math.pi)
    s = 1 / (a * a)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))) / a


def beta_power(x: float, a: float, b: float) -> float:
    """x^a (1-x)^b / B(a, b), without the cancellation of large logarithms."""
    if not 0 < x < 1:
        return 0.0
    n = a + b
    shift = n * x - a
    left = math.log1p(shift / a) if abs(shift) < a / 2 else math.log(n * x / a)
    right = math.log1p(-shift / b) if abs(shift) < b / 2 else math.log(n * (1 - x) / b)
    logs = a * left + b * right
    remainders = stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b)
    return math.sqrt(a / n * b / (2 * math.pi)) * math.exp(logs + remainders)


def beta_fraction(x: float, y: float, a: float, b: float, shift: float) -> float:
    """P(Beta(a, b) ≤ x) / beta_power(x, a, b) for y = 1 - x and shift = a - (a + b) x ≥ 0 (DLMF 8.17.22)."""
    value = c = a * (1 + shift) / (a + 1)
    d = 0.0
    for n in range(1, 100_000_000):
        top = (a + n - 1) / (a + 2 * n - 1) * ((a + b + n - 1) / (a + 2 * n - 1)) * n * (b - n) * x * x
        bottom = n + n * (b - n) * x / (a + 2 * n - 1) + (a + n) / (a + 2 * n + 1) * (1 + shift + n * (1 + y))
        d = 1 / (bottom + top * d)
        c = bottom + top / c
        value *= c * d
        if abs(c * d - 1) < 2e-16:
            break
    return 1 / value


def beta_tails(x: float, a: float, b: float) -> tuple[float, float]:
    """P(Beta(a, b) ≤ x) and P(Beta(a, b) > x)."""
    power, shift = beta_power(x, a, b), (a + b) * x - a
    if shift < 0:
        below = power * beta_fraction(x, 1 - x, a, b, -shift)
        return below, 1 - below
    above = power * beta_fraction(1 - x, x, b, a, shift)
    return 1 - above, above


def beta_quantile(a: float, b: float, delta: float) -> float:
    """The x with P(Beta(a, b) > x) = delta, enlarged by 1e-9 of it so that rounding errors are on the safe side.

    It is 0 for a = 0 (the law at 0) and 1 for b = 0 (the law at 1).
    """
    if not (a > 0 and b > 0):
        return 1.0 if a > 0 and b == 0 else 0.0 if b > 0 and a == 0 else math.nan
    if not 0 < delta < 1:
        return 1.0 if delta == 0 else 0.0 if delta == 1 else math.nan
    small = delta if delta <= 0.5 else 1 - delta  # Newton's method on the logarithm of the smaller tail
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(2000):
        below, above = beta_tails(x, a, b)
        error = math.log(above / small) if delta <= 0.5 and above > 0 else 0.0
        if delta > 0.5 and below > 0:
            error = math.log(small / below)
        if above > delta:
            low = x
        else:
            high = x
        density = beta_power(x, a, b) / (x * (1 - x))
        tail = above if delta <= 0.5 else below
        step = error * tail / density if density > 0 else 0.0
        if step and abs(step) <= 1e-15 * x:
            break
        x, before = x + step, x
        if not (step and low < x < high):
            x = (low + high) / 2
        if x in (before, low, high):
            break
    return min(1.0, x * (1 + 1e-9))
