"""Numbers that probabilities are made of: fractions where possible, else balls."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, ctx, fmpq
from sympy import Expr, S

from boundcheck.formula.rigorous import ball, compare, integer_part, precision

Number = arb | fmpq

BITS = 160
FRACTIONS = 50
"""Probabilities about so few variables are fractions, so that equality with a claim can be told."""
_SHARP = 60
_MOST_BITS = 2600


def number(e: Expr) -> Number:
    """A concrete expression as a fraction, or as a ball at no less than 100 bits or the working precision."""
    if e.is_Rational:
        return fmpq(int(e.p), int(e.q))
    return ball(e, digits=max(30, ctx.prec * 3 // 16))


def sharp(compute: Callable[[], Number | None], bits: int = _SHARP) -> Number | None:
    """A number computed at rising precision until it has a relative accuracy of that many bits."""
    working = BITS
    while True:
        with precision(working):
            value = compute()
        if value is None or isinstance(value, fmpq) or value.rel_accuracy_bits() >= bits or working > _MOST_BITS:
            return value
        if value == 0 or not value.is_finite():
            return value
        working *= 4


def probability(value: Number) -> Number:
    """The part of a ball that can be a probability."""
    if isinstance(value, fmpq):
        return min(max(value, fmpq(0)), fmpq(1))
    return value.max(arb(0)).min(arb(1))


def sign_of(e: Expr) -> int | None:
    """The sign of a concrete expression, None where it cannot be told."""
    return compare(e, S.Zero)


def absolute(a: Number) -> Number:
    """The absolute value."""
    return larger(larger(a, -a), fmpq(0))


def least_integer(number_: Number, exact: Callable[[], Expr], *, strict: bool) -> int | None:
    """The least integer at or above a number, above it when `strict`; `exact` is asked where balls do not tell."""
    if isinstance(number_, fmpq):
        return int(number_.floor()) + 1 if strict else int(number_.ceil())
    rounded = (number_.floor() if strict else number_.ceil()).unique_fmpz()
    whole = integer_part(exact(), up=not strict) if rounded is None else int(rounded)
    return whole if whole is None or not strict else whole + 1


def larger(a: Number, b: Number) -> Number:
    """The larger of two numbers."""
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return max(a, b)
    return arb(a).max(arb(b))
