"""Tails of statistics whose law is known: binomial, Irwin–Hall, gamma, normal, and maxima."""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy
from flint import arb, fmpq
from sympy import Expr

from boundcheck.formula.event import Event, HalfLine
from boundcheck.formula.rigorous import Interval, ball, integer_part, interval, precision
from boundcheck.statement.laws import Exponential, Law, Normal, TwoPoint, Uniform
from boundcheck.statement.randomness import Statistic

_BITS = 160
_FRACTIONS = 50
"""Tails of so few two-point or uniform variables are fractions, so that equality with a claim can be told."""


@dataclass(frozen=True)
class ExactTail:
    """A probability: a fraction for few two-point variables, else a ball, sharp also far below the range of floats."""

    value: arb | fmpq

    @property
    def interval(self) -> Interval:
        """Floats around the probability."""
        return interval(arb(self.value))

    def ratio_to(self, claimed: Expr) -> Interval | None:
        """Floats around probability / claimed, exact at equality of fractions; None where the claim may be 0."""
        if claimed.is_Rational and isinstance(self.value, fmpq):
            claim: arb | fmpq = fmpq(int(claimed.p), int(claimed.q))
        else:
            claim = ball(claimed)
        if not claim > 0:
            return None
        with precision(_BITS):
            return interval(arb(self.value / claim))


def exact_tail(event: Event, statistic: Statistic) -> ExactTail | None:
    """The probability of an event, or None where the law of the statistic is not known.

    Parameters
    ----------
    event
        From :func:`boundcheck.formula.event.read_event`.
    statistic
        Sum or mean of n i.i.d. two-point, normal, exponential or (few) uniform variables, or maximum of i.i.d.
        variables whose distribution function is known.
    """
    if not statistic.sample.identical:
        return None
    with precision(_BITS):
        total: arb | fmpq = fmpq(0)
        for line in event.lines:
            part = _tail(statistic, line, event.strict != event.between)
            if part is None:
                return None
            total = total + part
        total = min(total, fmpq(1)) if isinstance(total, fmpq) else total.min(arb(1))
        return ExactTail(1 - total if event.between else total)


def _tail(statistic: Statistic, line: HalfLine, strict: bool) -> arb | fmpq | None:
    law, n = statistic.sample.laws[0], int(statistic.sample.size)
    if statistic.kind == "maximum":
        return _maximum(law, n, line.level, line.upper, strict)
    level = n * line.level if statistic.kind == "mean" else line.level
    if isinstance(law, TwoPoint):
        return _binomial(law, n, level, line.upper, strict)
    if isinstance(law, Normal):
        sign = 1 if line.upper else -1
        return ball(sign * (level - n * law.location) / (law.std * sympy.sqrt(2 * n))).erfc() / 2
    if isinstance(law, Exponential):
        above = ball(law.rate * level).max(arb(0)).gamma_upper(n, regularized=True)
        return above if line.upper else 1 - above
    if isinstance(law, Uniform):
        return _irwin_hall(law, n, level, line.upper)
    return None


def _irwin_hall(law: Uniform, n: int, level: Expr, upper: bool) -> fmpq | None:
    """P(sum ≥ level), or ≤, for few uniform variables and a rational level (P. Hall, Biometrika 19, 1927)."""
    reach = n - (level - n * law.low) / (law.high - law.low)
    if n > _FRACTIONS or not reach.is_Rational:
        return None
    # By symmetry P(sum of n uniforms on [0, 1] ≥ y) = P(sum ≤ n - y).
    x = fmpq(int(reach.p), int(reach.q)) if upper else n - fmpq(int(reach.p), int(reach.q))
    if x <= 0 or x >= n:
        return fmpq(int(x > 0))
    terms = ((-1) ** k * math.comb(n, k) * (x - k) ** n for k in range(math.floor(x) + 1))
    return sum(terms, fmpq(0)) / math.factorial(n)


def _maximum(law: Law, n: int, level: Expr, upper: bool, strict: bool) -> arb | fmpq | None:
    """P(max ≥ level), or ≤ when not `upper`; without equality when strict."""
    # Either way by the chance that one variable reaches the level, or exceeds it.
    beyond = strict if upper else not strict
    one = _binomial(law, 1, level, True, beyond) if isinstance(law, TwoPoint) else _survival(law, level)
    if one is None:
        return None
    if not upper:
        return (1 - one) ** n if isinstance(one, fmpq) else (1 - one).max(arb(0)) ** n
    if isinstance(one, fmpq):
        return 1 - (1 - one) ** n
    if one > 0.5:
        return 1 - (1 - one).max(arb(0)) ** n
    return -(n * (-one).log1p()).expm1()  # without cancellation in deep tails


def _binomial(law: TwoPoint, n: int, level: Expr, upper: bool, strict: bool) -> arb | fmpq | None:
    """P(sum ≥ level) (or ≤ when not `upper`) for n two-point variables: the sum is low·n + (high - low)·Binomial."""
    if not law.p.is_Rational:
        return None
    count = (level - n * law.low) / (law.high - law.low)
    p = fmpq(int(law.p.p), int(law.p.q))
    if not upper:
        count, p = n - count, 1 - p
    below = _integer_below(count, inclusive=strict)
    return None if below is None else _binomial_upper(n, p, below + 1)


def _integer_below(count: Expr, *, inclusive: bool) -> int | None:
    """The largest integer below a number (or equal to it when `inclusive`); None where that cannot be told."""
    whole = integer_part(count, up=not inclusive)
    return whole if whole is None or inclusive else whole - 1


def _binomial_upper(n: int, p: fmpq, first: int) -> arb | fmpq:
    """P(Binomial(n, p) ≥ first)."""
    if first <= 0 or (p == 1 and first <= n):
        return fmpq(1)
    if first > n or p == 0:
        return fmpq(0)
    if n <= _FRACTIONS:
        return sum((math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, n + 1)), fmpq(0))
    return arb(p).beta_lower(arb(first), arb(n - first + 1), regularized=True)


def _survival(law: Law, level: Expr) -> arb | None:
    """P(w ≥ level) for a continuous law."""
    if isinstance(law, Normal):
        return (ball((level - law.location) / law.std) / arb(2).sqrt()).erfc() / 2
    if isinstance(law, Uniform):
        share = ball((law.high - level) / (law.high - law.low))
        return share.max(arb(0)).min(arb(1))
    if isinstance(law, Exponential):
        return (-ball(law.rate * level).max(arb(0))).exp()
    return None
