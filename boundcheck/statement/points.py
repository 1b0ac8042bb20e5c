"""Where a claim is tested when its author names no points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeVar

from sympy import Expr, Integer, Rational, floor, oo

from boundcheck.statement.domain import Domain, Parameter, Point
from boundcheck.statement.theorem import Theorem

T = TypeVar("T")


def levels(domain: Domain) -> list[Expr]:
    """A few values inside a domain, from one end to the other; integers grow geometrically."""
    low, high = domain.low, domain.high
    if domain.integer:
        if low == -oo:
            low = high - 256 if high != oo else Integer(-16)
        high = min(high, 1024 * max(abs(low), 1) + low)
        steps = [
            low,
            low + 3 * max(abs(low), 1),
            low + 15 * max(abs(low), 1),
            low + 63 * max(abs(low), 1),
            high,
        ]
        return sorted({floor(s) for s in steps if low <= s <= high})
    if low == -oo and high == oo:
        return [Rational(x) for x in ("-2", "-1/2", "1/2", "2")]
    if high == oo:
        return [low + Rational(x) for x in ("1/4", "1", "2", "4")]
    if low == -oo:
        return [high - Rational(x) for x in ("4", "2", "1", "1/4")]
    if low == high:
        return [low]
    return [low + (high - low) * Rational(x) for x in ("1/10", "3/10", "1/2", "7/10", "9/10")]


def failure_levels(domain: Domain) -> list[Expr]:
    """Values for a parameter that is itself the claimed probability: common ones that simulation can decide."""
    found = [x for x in (Rational(1, 20), Rational(1, 10), Rational(1, 4)) if x in domain]
    return found or levels(domain)


def candidate_points(theorem: Theorem) -> Iterator[Point]:
    """All combinations of a few values for each parameter of the claim."""
    parameters: Sequence[Parameter] = theorem.parameters
    choices = [failure_levels(p.domain) if p == theorem.tail.claimed else levels(p.domain) for p in parameters]
    for values in product(*choices):
        yield dict(zip(parameters, values, strict=True))


def spread(items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly spaced from the first to the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]
