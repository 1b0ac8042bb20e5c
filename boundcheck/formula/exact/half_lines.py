"""Events that are read as half-lines, and functions of one variable by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flint import fmpq
from sympy import Expr, S

from boundcheck.errors import BoundcheckError
from boundcheck.formula.event import Event, has_nonnegative_values, read_event
from boundcheck.formula.exact.distribution import Distribution
from boundcheck.formula.exact.numbers import Number, number, probability
from boundcheck.formula.rigorous import compare
from boundcheck.statement.laws import VALUE, Law


def chance(event: Event, distribution: Distribution) -> Number | None:
    """The probability of an event about a statistic with this distribution, at the working precision."""
    total: Number = fmpq(0)
    for line in event.lines:
        if line.level is S.NegativeInfinity:
            part: Number | None = fmpq(int(line.upper))
        else:
            side = distribution.upper if line.upper else distribution.lower
            part = side(line.level, strict=event.strict != event.between)
        if part is None:
            return None
        total = total + part
    total = probability(total)
    return 1 - total if event.between else total


@dataclass(frozen=True)
class FunctionOf(Distribution):
    """A function of one variable that has a known distribution."""

    variable: Distribution
    law: Law
    function: Expr

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        return self._chance(self.function - level, strict)

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        return self._chance(level - self.function, strict)

    def _chance(self, margin: Expr, strict: bool) -> Number | None:
        try:
            event = read_event(margin, VALUE, strict=strict, nonnegative=has_nonnegative_values(VALUE, self.law))
        except BoundcheckError:
            return None
        return chance(event, self.variable)


@dataclass(frozen=True)
class FiniteVariable(Distribution):
    """One variable with the given values and probabilities, on no lattice."""

    shares: tuple[tuple[Expr, Expr], ...]

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        return self._total((compare(value, level) for value, _ in self.shares), strict)

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        return self._total((compare(level, value) for value, _ in self.shares), strict)

    def _total(self, signs: Iterable[int | None], strict: bool) -> Number | None:
        total: Number = fmpq(0)
        for sign, (_, share) in zip(signs, self.shares, strict=True):
            if sign is None:
                return None
            if sign > 0 or (sign == 0 and not strict):
                total = total + number(share)
        return total
