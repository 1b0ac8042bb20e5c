"""Positivity by interval evaluation over a covering of the box: natural, and around the centre by the mean value."""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb
from sympy import Expr, Symbol, oo

from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.derivative import derivative
from boundcheck.formula.prover.extended import Interval
from boundcheck.formula.prover.kinks import KINKS
from boundcheck.formula.prover.program import over

_MARGIN = arb(2) ** -40
"""The lower bound must be positive by this much of the box's values: the verifier rounds in other places."""


def lower_bound(e: Expr, box: Box, slopes: dict[Symbol, Expr]) -> arb | None:
    """The better of the natural and the mean-value enclosure's lower end, None where undefined."""
    natural = over(e, box)
    if natural is None:
        return None
    best = natural.low - _MARGIN * _size(natural.high)
    if best > 0 or not slopes or any(low == -oo or high == oo for _, low, high in box.sides):
        return best
    centre = Box(tuple((s, (low + high) / 2, (low + high) / 2) for s, low, high in box.sides))
    value = over(e, centre)
    for symbol, low, high in box.sides:
        slope = over(slopes[symbol], box) if symbol in slopes else None
        if value is None or slope is None:
            return best
        value = value + slope * Interval.between((low - high) / 2, (high - low) / 2)
    if value is None:
        return best
    return best.max(value.low - _MARGIN * _size(value.high))


def _size(end: arb) -> arb:
    return abs(end) if end.is_finite() else arb(1)


def slopes_of(e: Expr) -> dict[Symbol, Expr]:
    """The partial derivatives; none of what has kinks."""
    return {} if e.has(*KINKS) else {s: derivative(e, s) for s in e.free_symbols}


def cover(e: Expr, box: Box, most: int) -> list[Box] | None:
    """Boxes that cover the box and on each of which the lower bound is positive; None when more than `most` are needed.

    All sides must be bounded, except where the enclosure copes at once.
    """
    slopes = slopes_of(e)
    done: list[Box] = []
    open_boxes, tried = [box], 0
    while open_boxes:
        part = open_boxes.pop()
        tried += 1
        low = lower_bound(e, part, slopes)
        if low is not None and low > 0:
            done.append(part)
            continue
        halves = list(bisect(part, box))
        if tried + len(open_boxes) > most or not halves:
            return None
        open_boxes += halves
    return done


def bisect(part: Box, whole: Box) -> Iterator[Box]:
    """Halve the side that is longest relative to the whole box; nothing where it is infinite."""
    lengths = []
    for (symbol, low, high), (_, a, b) in zip(part.sides, whole.sides, strict=True):
        if low == -oo or high == oo:
            return
        if a != b:
            lengths.append(((high - low) / (b - a), symbol, (low + high) / 2))
    if lengths:
        _, symbol, at = max(lengths, key=lambda item: item[0])
        yield from part.split(symbol, at)
