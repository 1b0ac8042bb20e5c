"""Sums of independent variables with finitely many values on one lattice, by powers of polynomials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from flint import arb, arb_poly, fmpq, fmpq_poly
from sympy import Expr, S, radsimp

from boundcheck.formula.exact.counts import Binomial, Table
from boundcheck.formula.exact.distribution import Lattice
from boundcheck.formula.exact.numbers import number, sign_of

P = TypeVar("P", fmpq_poly, arb_poly)
N = TypeVar("N", fmpq, arb)

_MOST_ATOMS = 200_000
_MOST_BITS = 20_000
"""Coefficients with more bits than this are balls."""


def lattice_sum(groups: Sequence[tuple[Mapping[Expr, Expr], int]]) -> Lattice | None:
    """The law of a sum of independent variables, from {value: probability} and a number of copies of each.

    None where the values have no common lattice that can be found, or the sum has too many.
    """
    bases = [min_of(values) for values, _ in groups]
    if any(base is None for base in bases):
        return None
    base = sum((size * low for low, (_, size) in zip(bases, groups, strict=True) if low is not None), S.Zero)
    gaps = [[value - low for value in values] for low, (values, _) in zip(bases, groups, strict=True)]
    unit = next((gap for group in gaps for gap in group if gap != 0), S.One)
    ratios = [[_ratio(gap, unit) for gap in group] for group in gaps]
    shares = [[ratio for ratio in group if ratio is not None] for group in ratios]
    if any(len(known) < len(group) for known, group in zip(shares, ratios, strict=True)):
        return None
    denominator = math.lcm(*(int(share.q) for group in shares for share in group))
    places = [[int(share.p) * (denominator // int(share.q)) for share in group] for group in shares]
    common = math.gcd(*(place for group in places for place in group)) or 1
    places = [[place // common for place in group] for group in places]
    step = unit * common / denominator
    if step == 0 or sign_of(step) != 1:
        step, places = -step, [[-place for place in group] for group in places]
    if len(groups) == 1 and sorted(places[0]) == [0, 1]:
        [(values, size)] = groups
        return Lattice(base, step, Binomial(size, dict(zip(places[0], map(number, values.values()), strict=True))[1]))
    if sum(size * max(group) for group, (_, size) in zip(places, groups, strict=True)) > _MOST_ATOMS:
        return None
    return Lattice(base, step, _convolved([(p, list(v.values()), n) for p, (v, n) in zip(places, groups, strict=True)]))


def min_of(values: Mapping[Expr, Expr]) -> Expr | None:
    """The least value, None where it cannot be told."""
    least, *others = values
    for value in others:
        sign = sign_of(value - least)
        if sign is None:
            return None
        least = value if sign < 0 else least
    return least


def _ratio(gap: Expr, unit: Expr) -> Expr | None:
    ratio = gap / unit
    if not ratio.is_Rational:
        ratio = radsimp(ratio).expand()
    return ratio if ratio.is_Rational else None


def _convolved(groups: list[tuple[list[int], list[Expr], int]]) -> Table:
    weights = [[number(share) for share in shares] for _, shares, _ in groups]
    fractions = [[w for w in row if isinstance(w, fmpq)] for row in weights]
    if [len(row) for row in fractions] == [len(row) for row in weights]:
        sizes = (math.lcm(*(int(w.q) for w in row)).bit_length() for row in fractions)
        if sum(n * bits for bits, (_, _, n) in zip(sizes, groups, strict=True)) <= _MOST_BITS:
            exact = [
                fmpq_poly(_row(places, row, fmpq(0))) ** n
                for row, (places, _, n) in zip(fractions, groups, strict=True)
            ]
            return Table(0, tuple(_product(exact).coeffs()))
    balls = [
        arb_poly(_row(places, [arb(w) for w in row], arb(0))) ** n
        for row, (places, _, n) in zip(weights, groups, strict=True)
    ]
    return Table(0, tuple(_product(balls).coeffs()))


def _product(factors: list[P]) -> P:
    while len(factors) > 1:
        paired = [a * b for a, b in zip(factors[::2], factors[1::2], strict=False)]
        factors = paired + factors[2 * len(paired) :]
    return factors[0]


def _row(places: list[int], weights: list[N], zero: N) -> list[N]:
    """Coefficients by place."""
    row = [zero] * (max(places) + 1)
    for place, weight in zip(places, weights, strict=True):
        row[place] = row[place] + weight
    return row
