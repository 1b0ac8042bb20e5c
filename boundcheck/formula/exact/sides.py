"""The two sides of a claim under one witness, as enclosures: probabilities and formulas that may hold expectations."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from flint import arb, fmpq
from sympy import Expr, Function, Pow

from boundcheck.formula.exact.value import exact_value
from boundcheck.formula.rigorous import Interval, ball, interval, precision
from boundcheck.statement.domain import Point

LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Value:
    """A number that is known exactly or as a ball."""

    number: arb | fmpq

    @property
    def interval(self) -> Interval:
        """Floats around it."""
        return interval(arb(self.number))

    @property
    def beyond(self) -> Interval:
        """Floats around it, with the largest one below ∞ and the least one above -∞: at least one of them is finite."""
        found = self.interval
        if found.low == found.high and math.isinf(found.low):
            return Interval(LARGEST, found.high) if found.low > 0 else Interval(found.low, -LARGEST)
        return found

    def ratio_to(self, other: Value) -> Interval | None:
        """Floats around this number over another, None where that one may not be positive."""
        if not other.number > 0:
            return None
        if self.number == other.number == arb.pos_inf():
            return Interval(1.0, 1.0)
        with precision(160):
            return interval(arb(self.number / other.number))

    @property
    def fraction(self) -> str | None:
        """The number as a fraction, where it is known as one."""
        return str(self.number) if isinstance(self.number, fmpq) else None


def value_of(expression: Expr) -> Value | None:
    """The value of an expression of numbers, expectations and probabilities; None where one has no exact means."""
    found = exact_value(expression)
    return None if found is None else Value(found)


def formula_value(expression: Expr, point: Point) -> Value:
    """The value of a formula at a point: a fraction where it is built by arithmetic alone, else a ball.

    SymPy's own powers of fractions with large exponents would take for ever.
    """
    powers = expression.atoms(Pow)
    arithmetic = not expression.atoms(Function) and all(p.exp.is_integer for p in powers)
    value = None if arithmetic else ball(expression, point)
    # Where a ball holds 1 or 0 the number may be just that, as exp(0) is.
    if value is None or value.overlaps(arb(1)) or value.overlaps(arb(0)):
        number = expression.xreplace(dict(point))
        if number.is_Rational:
            return Value(fmpq(int(number.p), int(number.q)))
    return Value(ball(expression, point) if value is None else value)
