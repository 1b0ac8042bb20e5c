"""Continuous distributions: normal, gamma, Beta, and sums of uniform variables."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, fmpq
from sympy import Expr

from boundcheck.formula.exact.distribution import Distribution, clamp
from boundcheck.formula.exact.numbers import BITS, FRACTIONS, Number, number
from boundcheck.formula.rigorous import precision

_MOST_UNIFORM = 1000
MOST_SHAPE = 2000
MOST_LOWER_SHAPE = 300
"""Incomplete gamma functions of larger shapes take too long, the lower one sooner."""
_NEARLY_ALL = 1 - 2.0**-40


class Continuous(Distribution):
    """A distribution without atoms: equality does not matter."""

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        return self.above(number(level))

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        return self.below(number(level))

    @abstractmethod
    def above(self, x: Number) -> Number | None:
        """P(S ≥ x), None where it takes too long."""

    @abstractmethod
    def below(self, x: Number) -> Number | None:
        """P(S ≤ x), None where it takes too long."""


@dataclass(frozen=True)
class NormalDistribution(Continuous):
    """Normal."""

    mean: Expr
    variance: Expr

    def above(self, x: Number) -> arb:
        return (self._score(x)).erfc() / 2

    def below(self, x: Number) -> arb:
        return (-self._score(x)).erfc() / 2

    def _score(self, x: Number) -> arb:
        return arb(x - number(self.mean)) / arb(2 * number(self.variance)).sqrt()


@dataclass(frozen=True)
class GammaDistribution(Continuous):
    """Gamma: density proportional to x^(shape - 1) exp(-rate x)."""

    shape: Expr
    rate: Expr

    def above(self, x: Number) -> arb | None:
        shape = number(self.shape)
        return None if shape > MOST_SHAPE else self._place(x).gamma_upper(arb(shape), regularized=True)

    def below(self, x: Number) -> arb | None:
        # The complement is much faster than the lower function of a large shape, unless it cancels.
        above = self.above(x)
        if above is None or above < _NEARLY_ALL:
            return None if above is None else 1 - above
        if number(self.shape) > MOST_LOWER_SHAPE:
            return None
        return self._place(x).gamma_lower(arb(number(self.shape)), regularized=True)

    def _place(self, x: Number) -> arb:
        return arb(number(self.rate) * x).max(arb(0))


@dataclass(frozen=True)
class BetaDistribution(Continuous):
    """Beta on [0, 1]."""

    a: Expr
    b: Expr

    def above(self, x: Number) -> arb:
        return arb(1 - clamp(x, 0, 1)).beta_lower(arb(number(self.b)), arb(number(self.a)), regularized=True)

    def below(self, x: Number) -> arb:
        return arb(clamp(x, 0, 1)).beta_lower(arb(number(self.a)), arb(number(self.b)), regularized=True)


@dataclass(frozen=True)
class UniformSum(Continuous):
    """The sum of n variables that are uniform on [low, high] (P. Hall, Biometrika 19, 1927)."""

    n: int
    low: Expr
    high: Expr

    def above(self, x: Number) -> Number | None:
        # By symmetry P(sum of n uniforms on [0, 1] ≥ y) = P(sum ≤ n - y).
        return self._irwin_hall(lambda: self.n - self._place(x))

    def below(self, x: Number) -> Number | None:
        return self._irwin_hall(lambda: self._place(x))

    def _place(self, x: Number) -> Number:
        low = number(self.low)
        return clamp((x - self.n * low) / (number(self.high) - low), 0, self.n)

    def _irwin_hall(self, place: Callable[[], Number]) -> Number | None:
        """P(sum of n uniforms on [0, 1] ≤ x)."""
        x, n = place(), self.n
        if n > _MOST_UNIFORM:
            return None
        if isinstance(x, fmpq) and n <= FRACTIONS:
            terms = ((-1) ** k * math.comb(n, k) * (x - k) ** n for k in range(math.floor(x) + 1))
            return sum(terms, fmpq(0)) / math.factorial(n)
        # The terms alternate and are up to about e^(2n) times their sum.
        with precision(BITS + 4 * n):
            x = arb(place())
            # (x - k)^n counts where x ≥ k, also at the last k, which x may or may not reach.
            total = sum(((-1) ** k * math.comb(n, k) * (x - k).max(arb(0)) ** n for k in range(n) if not x < k), arb(0))
            return total / math.factorial(n)
