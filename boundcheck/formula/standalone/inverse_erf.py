"""The inverse of the error function."""

from __future__ import annotations

import math


def erfinv(x: float) -> float:
    """The y with erf(y) = x, by Newton's method; infinite at ±1."""
    if not -1 < x < 1:
        return math.copysign(math.inf, x) if abs(x) == 1 else math.nan
    rest = 1 - abs(x)  # without an error where it is below 1/2
    y = math.sqrt(max(0.0, -math.log(rest * (2 - rest)))) * math.sqrt(math.pi) / 2
    for _ in range(100):
        slope = 2 / math.sqrt(math.pi) * math.exp(-y * y)
        tail = math.erfc(y)
        step = (math.log(tail / rest) * tail if rest < 0.5 else abs(x) - math.erf(y)) / slope
        y += step
        if abs(step) <= 1e-16 * y:
            break
    return math.copysign(y, x)
