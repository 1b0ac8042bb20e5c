"""Axes: their ends, their ticks, and where a value is drawn that lies beyond them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TICKS = 8
_LEAST, _MOST = -708.0, 709.0
"""Logarithms of the ends of what a float can be."""


def tick(value: float, _: object = None) -> str:
    """A tick's label.

    Examples
    --------
    >>> tick(0.05), tick(512.0), tick(1e-5), tick(2e-7), tick(0.0)
    ('0.05', '512', '10⁻⁵', '2·10⁻⁷', '0')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e4 * (1 - 1e-9):
        return f"{value:.6g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return power if mantissa == "1" else f"{mantissa}·{power}"


def shown(value: float, axis: Mapping[str, Any]) -> tuple[float, bool]:
    """Where a value is drawn, and whether that is where it lies; what an axis cannot show is drawn at its end."""
    low = axis.get("floor")
    high = axis.get("ceiling")
    if axis["log"] and low is not None and value < low:
        return low, False
    if high is not None and value > high:
        return high, False
    return value, True


def ends(values: Iterable[float], axis: Mapping[str, Any]) -> tuple[float, float]:
    """The ends of an axis, a little beyond the values."""
    drawn = [shown(value, axis)[0] for value in values if math.isfinite(value)]
    if axis["log"]:
        drawn = [value for value in drawn if value > 0]
        low, high = (math.log(min(drawn)), math.log(max(drawn))) if drawn else (-1.0, 0.0)
        margin = max(0.06 * (high - low), 0.16)
        return math.exp(max(low - margin, _LEAST)), math.exp(min(high + margin, _MOST))
    low, high = (min(drawn), max(drawn)) if drawn else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
    # Nothing that is plotted is negative unless a value is.
    return (-0.02 * high if 0 <= low <= 0.3 * high else low - margin), high + margin


def ticks(low: float, high: float, most: int = _TICKS) -> list[float]:
    """Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    powers = last - first
    steps: Sequence[float] = (1, 2, 5) if high < 200 * low else (1,)
    every = max(1, math.ceil(powers / most))
    found = [step * 10.0**k for k in range(-(-first // every) * every, last + 1, every) for step in steps]
    inside = [value for value in found if low <= value <= high]
    return inside if len(inside) > 1 else _multiples(low, high)


def _multiples(low: float, high: float) -> list[float]:
    """Multiples of a round number, where a logarithmic axis is too short for powers."""
    most = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(most))
    step = max(round_ * unit for round_ in (1, 2, 5) if round_ * unit <= most)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def thinned(values: Sequence[float], log: bool, most: int = _TICKS) -> list[float]:
    """Some of these ticks, far enough from each other that their labels fit."""
    if len(values) < 2:
        return list(values)
    place = [math.log(value) if log else value for value in values]
    least = (place[-1] - place[0]) / most
    kept = [0]
    for i in range(1, len(values)):
        if place[i] - place[kept[-1]] >= least * (1 - 1e-9):
            kept.append(i)
    return [values[i] for i in kept]
