"""How fast an expression in one statistic grows, so that tails of sums and integrals can be bounded."""

from __future__ import annotations

from typing import NamedTuple

import sympy
from flint import arb
from sympy import Abs, Expr, Max, Min, Poly, S, ceiling, exp, floor, log

from boundcheck.formula.exact.numbers import number
from boundcheck.statement.functions import Greatest, Least


class Growth(NamedTuple):
    """|g(x)| ≤ factor·|x|^power·exp(linear·|x| + square·x²) on one side of 0, for |x| ≥ 1."""

    factor: arb
    power: arb
    linear: arb
    square: arb

    def at(self, x: arb) -> arb:
        """The bound at a point."""
        size = abs(x)
        return self.factor * size**self.power * (self.linear * size + self.square * size**2).exp()


_BOUNDED = (sympy.sin, sympy.cos, sympy.tanh, sympy.erf)


def growth(e: Expr, statistic: Expr, *, side: int) -> Growth | None:
    """A bound for x ≥ 1 (side 1) or x ≤ -1 (side -1), None where none is found."""
    if not e.has(statistic):
        return Growth(abs(arb(number(e))), arb(0), arb(0), arb(0))
    if e == statistic:
        return Growth(arb(1), arb(1), arb(0), arb(0))
    if isinstance(e, _BOUNDED):
        return Growth(arb(1), arb(0), arb(0), arb(0))
    if isinstance(e, exp):
        return _exponential(e.args[0], statistic, side)
    if e.is_Pow and not e.exp.has(statistic):
        return _power(e, statistic, side)
    if isinstance(e, log):
        inside = e.args[0]
        # |log x| ≤ x for x ≥ 1.
        return growth(inside, statistic, side=side) if inside == statistic or (inside - 1).is_nonnegative else None
    found = [growth(a, statistic, side=side) for a in e.args]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        return None
    if e.is_Mul:
        factor, power, linear, square = parts[0]
        for part in parts[1:]:
            factor, power = factor * part.factor, power + part.power
            linear, square = linear + part.linear, square + part.square
        return Growth(factor, power, linear, square)
    if e.is_Add or isinstance(e, Abs | Max | Min | Least | Greatest | floor | ceiling):
        slack = arb(int(isinstance(e, floor | ceiling)))
        largest = [arb(0)] * 3 if slack or len(parts) > 1 else list(parts[0][1:])
        for part in parts:
            largest = [a.max(b) for a, b in zip(largest, part[1:], strict=True)]
        return Growth(sum((part.factor for part in parts), slack), *largest)
    return None


def _power(e: Expr, statistic: Expr, side: int) -> Growth | None:
    if not e.exp.is_Rational:
        return None
    if e.exp < 0:
        return Growth(arb(1), arb(0), arb(0), arb(0)) if e.base == statistic or (e.base - 1).is_nonnegative else None
    inner, q = growth(e.base, statistic, side=side), arb(number(e.exp))
    return None if inner is None else Growth(inner.factor**q, inner.power * q, inner.linear * q, inner.square * q)


def _exponential(inside: Expr, statistic: Expr, side: int) -> Growth | None:
    expanded = inside.expand()
    if expanded.is_polynomial(statistic) and sympy.degree(expanded, statistic) <= 2:
        square, linear, constant = (
            arb(number(c)) for c in [S.Zero, S.Zero, *Poly(expanded, statistic).all_coeffs()][-3:]
        )
        return Growth(constant.exp(), arb(0), side * linear, square)
    constant, moving = inside.as_independent(statistic, as_Add=True)
    inner = growth(moving, statistic, side=side)
    if inner is None or inner.linear != 0 or inner.square != 0 or not inner.power <= 2:
        return None
    scale = arb(number(constant)).exp()
    if inner.power <= 1:
        factor, rate = _absorbed(inner.factor, inner.power)
        return Growth(scale * factor, arb(0), rate, arb(0))
    factor, rate = _absorbed(inner.factor, inner.power / 2)
    return Growth(scale * factor, arb(0), arb(0), rate)


def _absorbed(factor: arb, power: arb) -> tuple[arb, arb]:
    """(a, b) with exp(factor·y^power) ≤ a·exp(b·y) for y ≥ 0; b = 1/8 for powers below 1."""
    if not power < 1:
        return arb(1), factor
    rate = arb("0.125")
    return (factor * (factor / rate) ** (power / (1 - power))).exp(), rate
