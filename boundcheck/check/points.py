"""Where a claim is tested when its author names no points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeVar

from sympy import Expr, Integer, Rational, floor, oo

from boundcheck.statement.domain import Domain, Parameter, Point
from boundcheck.statement.theorem import Theorem

T = TypeVar("T")
LARGEST = 16_384
"""Integer parameters are tested up to this many times their least value."""


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
        steps = [low + (4**i - 1) * unit for i in range(9)]
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


def failure_levels(domain: Domain) -> list[Expr]:
    """Values for a parameter that is itself the claimed probability: common ones that simulation can decide."""
    found = [x for x in (Rational(1, 20), Rational(1, 10), Rational(1, 4)) if x in domain]
    return found or levels(domain, ends=False)


def candidate_points(theorem: Theorem, *, ends: bool) -> Iterator[Point]:
    """All combinations of a few values for each parameter of the claim; `ends` as for :func:`levels`."""
    parameters: Sequence[Parameter] = theorem.parameters
    choices = [
        failure_levels(p.domain) if p == theorem.tail.claimed else levels(p.domain, ends=ends) for p in parameters
    ]
    for values in product(*choices):
        yield dict(zip(parameters, values, strict=True))


def neighbours(point: Point) -> Iterator[Point]:
    """Points that differ in one parameter: an integer by one or a factor 2, a real by a fifth or half-way to an end."""
    for p, v in point.items():
        low, high = p.domain.low, p.domain.high
        if p.domain.integer:
            moves = {v - 1, v + 1, floor(v / 2), 2 * v, *([low] if low.is_finite else [])}
        else:
            moves = {v * Rational(x) for x in ("5/6", "19/20", "20/19", "6/5")}
            moves |= {(v + end) / 2 for end in (low, high) if end.is_finite}
            moves = {_simple(move) for move in moves}
        for move in sorted(moves):
            if move != v and move in p.domain:
                yield {**point, p: move}


def _simple(value: Expr) -> Expr:
    """A nearby rational with a short denominator, so that points stay readable."""
    return value.limit_denominator(10_000) if value.is_Rational else value


def spread(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly spaced from the first to the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]
