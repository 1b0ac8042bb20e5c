"""A bound of hypergeometric counts."""

from __future__ import annotations

import math


def bernoulli_divergence(q: float, p: float) -> float:
    """KL(q‖p) of two Bernoulli laws."""
    left = q * math.log(q / p) if q > 0 else 0.0
    return left + ((1 - q) * math.log((1 - q) / (1 - p)) if q < 1 else 0.0)


def hypergeometric_exponent(count: float, population: float, marked: float, drawn: float) -> float:
    """The E with P(X ≥ count) ≤ exp(-E), X the marked ones of those that are drawn (Hoeffding 1963)."""
    if count > min(drawn, marked):
        return math.inf
    if count <= drawn * marked / population:
        return 0.0
    return max(
        drawn * bernoulli_divergence(count / drawn, marked / population) if marked < population else 0.0,
        marked * bernoulli_divergence(count / marked, drawn / population) if drawn < population else 0.0,
    )


def hypergeometric_bound(population: float, marked: float, drawn: float, delta: float) -> float:
    """The least integer c for which that gives P(X ≥ c + 1) ≤ delta."""
    if not (delta > 0 and drawn * marked < math.inf):
        return float(min(drawn, marked))
    needed = -math.log(delta)
    low, high = math.floor(drawn * marked / population), int(min(drawn, marked))
    while low < high:
        middle = (low + high) // 2
        if hypergeometric_exponent(middle + 1, population, marked, drawn) >= needed:
            high = middle
        else:
            low = middle + 1
    return float(high)
