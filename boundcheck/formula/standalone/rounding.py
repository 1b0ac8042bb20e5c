"""Floors of floats."""

from __future__ import annotations

import math


def exact_floor(x: float) -> float:
    """Floor of a float that stands for an algebraic number: a value within 8 ulp of an integer is that integer."""
    if not math.isfinite(x):
        return x
    nearest = round(x)
    return float(nearest if abs(x - nearest) <= 8 * math.ulp(x) else math.floor(x))
