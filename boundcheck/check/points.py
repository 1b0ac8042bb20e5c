"""Where a claim is tested when its author names no points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Ge, Gt, Integer, Le, Lt, Rational, S, floor, oo

from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.claim import Claim, Moment, Tail
from boundcheck.statement.domain import Domain, Parameter, Point
from boundcheck.statement.theorem import Theorem

T = TypeVar("T")
LARGEST = 16_384
"""Integer parameters are tested up to this many times their least value."""
SHARES = tuple(Rational(x) for x in ("0", "1/50", "3/10", "1/2", "9/10", "1"))
"""Values of a share that is free in a witness, from which the search goes on."""
FAR_SHARES = (*SHARES, Rational("1e-6"), 1 - Rational("1e-6"))
"""For moments, which a rare value far away makes large; probabilities do not see it."""


def levels(domain: Domain, *, ends: bool) -> list[Expr]:
    """A few values of a domain, from one end to the other; integers grow geometrically.

    Parameters
    ----------
    domain
        Where the values lie.
    ends
        Also take the ends of a real interval that belong to it, and values close to them.
    """
    low, high = domain.low, domain.high
    if domain.integer:
        if low == -oo:
            low = high - 256 if high != oo else Integer(-16)
        unit = max(abs(low), 1)
        steps = [low + 1, *(low + (4**i - 1) * unit for i in range(9))]
        last = min(high, low + LARGEST * unit)
        return sorted({*(step for step in steps if step <= last), last})
    if low == -oo and high == oo:
        return [Rational(x) for x in ("-2", "-1/2", "1/2", "2")]
    if high == oo:
        found = [low + Rational(x) for x in ("0", "1/1000", "1/4", "1", "2", "4")]
    elif low == -oo:
        found = [high - Rational(x) for x in ("4", "2", "1", "1/4", "1/1000", "0")]
    else:
        shares = ("0", "1/1000", "1/50", "1/10", "3/10", "1/2", "7/10", "9/10", "999/1000", "1")
        found = [low + (high - low) * Rational(x) for x in shares]
    margin = 0 if ends else (Rational(1, 10) if oo in (high, -low) else (high - low) / 20)
    inside = [x for x in found if x in domain and low + margin <= x <= high - margin]
    return sorted(set(inside)) or [(low + high) / 2]


def failure_levels(domain: Domain, *, deep: bool) -> list[Expr]:
    """Values for a parameter that is itself the claimed probability: common ones, and `deep` ones for exact laws."""
    values = ("1/20", "1/10", "1/4", *(("1/1000", "1e-6", "1e-12", "1e-24", "1e-40") if deep else ()))
    found = [Rational(x) for x in values if Rational(x) in domain]
    return found or levels(domain, ends=False)


def candidate_points(theorem: Theorem, *, ends: bool) -> Iterator[Point]:
    """Combinations of a few values for each parameter, where the conditions hold; `ends` as for :func:`levels`."""
    claimed = theorem.reading.claimed if isinstance(theorem.reading, Tail) else None
    parameters: Sequence[Parameter] = theorem.parameters
    deep = theorem.reading.gap is None
    choices = [failure_levels(p.domain, deep=deep) if p == claimed else levels(p.domain, ends=ends) for p in parameters]
    yield from _allowed(theorem, (dict(zip(parameters, values, strict=True)) for values in product(*choices)))


def whole_domain(theorem: Theorem, most: int) -> list[Point] | None:
    """Every point of the domain, or None where it has more than `most`, a real parameter, or an unclear condition."""
    domains = [p.domain for p in theorem.parameters]
    if not all(d.integer and d.low.is_finite and d.high.is_finite for d in domains):
        return None
    if prod(int(d.high - d.low) + 1 for d in domains) > most:
        return None
    ranges = [[Integer(v) for v in range(int(d.low), int(d.high) + 1)] for d in domains]
    points = [dict(zip(theorem.parameters, values, strict=True)) for values in product(*ranges)]
    told = {c.xreplace(point) for point in points for c in theorem.conditions}
    return list(_allowed(theorem, points)) if told <= {S.true, S.false} else None


def _allowed(theorem: Theorem, points: Iterable[Point]) -> Iterator[Point]:
    listed = list(points)
    return (p for p, fails in zip(listed, _fails(theorem, listed), strict=True) if not fails and theorem.holds_at(p))


def _fails(theorem: Theorem, points: Sequence[Point]) -> NDArray[np.bool_]:
    """Where floats show clearly that a condition fails, so that exact numbers need not."""
    fails = np.zeros(len(points), dtype=bool)
    columns = [[as_float(point[p]) for point in points] for p in theorem.parameters]
    for condition in theorem.conditions if points else ():
        if isinstance(condition, Le | Lt | Ge | Gt):
            sides = (compile_expression(e, theorem.parameters) for e in (condition.lts, condition.gts))
            less, more = (side(*columns) for side in sides)
            fails |= less - more > CLEAR * (np.abs(less) + np.abs(more))
    return fails


def as_float(value: Expr) -> float:
    """The nearest float, infinite beyond their range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def with_free(points: Sequence[Point], free: Sequence[Parameter], claim: Claim) -> list[Point]:
    """The points with a few values for each parameter that is free in a witness."""
    choices = list(product(FAR_SHARES if isinstance(claim, Moment) else SHARES, repeat=len(free)))
    return [{**point, **dict(zip(free, values, strict=True))} for point in points for values in choices]


CLEAR = 1e-9
"""Sides that differ by more, relative to their sizes, differ also without rounding."""
SMALLEST = 3
"""So many combinations of small integers are tested."""
STEPS = (("5/6", "6/5"), ("99/100", "101/100"), ("1999/2000", "2001/2000"))
"""Factors by which a real parameter moves, from coarse to fine."""


def neighbours(point: Point, fixed: Sequence[Parameter] = (), fineness: int = 0) -> Iterator[Point]:
    """Points that differ in one parameter.

    Coarse ones differ in an integer by one or a factor 2, in a real by a fifth or by half the way to an end; finer ones
    in an integer by one or a sixteenth, in a real by a factor of `STEPS`.
    """
    for p, v in point.items():
        if p in fixed:
            continue
        low, high = p.domain.low, p.domain.high
        if p.domain.integer:
            far = (v // 16, -(v // 16)) if fineness else (v, floor(v / 2) - v)
            moves = {v - 1, v + 1, *(v + step for step in far)}
            moves |= {low} if low.is_finite and not fineness else set()
        else:
            moves = {v * Rational(x) for x in STEPS[fineness]}
            if not fineness:
                moves |= {(v + end) / 2 for end in (low, high) if end.is_finite}
            moves = {_simple(move) for move in moves}
        for move in sorted(moves):
            if move != v and move in p.domain:
                yield {**point, p: move}


def _simple(value: Expr) -> Expr:
    """A nearby rational with a short denominator, so that points stay readable; closer where it is close to 0."""
    if not value.is_Rational or value == 0:
        return value
    return value.limit_denominator(1_000_000 * max(1, floor(1 / abs(value))))


def smallest(points: Sequence[Point]) -> list[Point]:
    """A few of the points whose integers are smallest: claims that hold for large ones may fail there."""
    sizes: dict[tuple[Expr, ...], list[Point]] = {}
    for point in points:
        sizes.setdefault(tuple(v for p, v in point.items() if p.domain.integer), []).append(point)
    return (
        [point for size in sorted(sizes, key=sum)[:SMALLEST] for point in spread(sizes[size], 2)]
        if () not in sizes
        else []
    )


def spread(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly spaced from the first to the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]
