"""Maxima, minima and order statistics of independent variables with known distributions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import prod

from flint import arb, fmpq
from sympy import Expr

from boundcheck.formula.exact.counts import Further, binomial_upper
from boundcheck.formula.exact.distribution import Atoms, Distribution
from boundcheck.formula.exact.numbers import Number


@dataclass(frozen=True)
class OrderStatistic(Distribution):
    """The rank-th smallest of n independent variables: of one distribution, or of one each."""

    parts: tuple[Distribution, ...]
    n: int
    rank: int

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        above = [part.upper(level, strict=strict) for part in self.parts]
        below = [part.lower(level, strict=not strict) for part in self.parts]
        return self._at_least(self.n - self.rank + 1, above, below)

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        below = [part.lower(level, strict=strict) for part in self.parts]
        above = [part.upper(level, strict=not strict) for part in self.parts]
        return self._at_least(self.rank, below, above)

    def atoms(self) -> Atoms | None:
        part = self.parts[0].atoms()
        if len(self.parts) > 1 or part is None:
            return None

        def further() -> Further | None:
            # The order statistic is at a value only if one of the variables is.
            rest = part.further()
            return None if rest is None else rest._replace(last=self.n * rest.last)

        return part._replace(weights=lambda: self._weights(part), further=further)

    def _weights(self, part: Atoms) -> list[Number]:
        one, rest = part.weights(), part.further()
        beyond = fmpq(0) if rest is None else arb(0).union(rest.last * rest.ratio / (1 - rest.ratio))
        above = [*accumulate(reversed(one), initial=beyond)][::-1]
        below = [*accumulate(one, initial=fmpq(0))]
        above[0] = fmpq(1)
        count = self.n - self.rank + 1
        reached = [binomial_upper(self.n, p, q, count) for p, q in zip(above, below, strict=True)]
        return [a - b for a, b in pairwise(reached)]

    def _at_least(self, count: int, chances: list[Number | None], others: list[Number | None]) -> Number | None:
        """The chance that at least `count` of independent events happen."""
        p, q = [c for c in chances if c is not None], [c for c in others if c is not None]
        if len(p) < len(chances) or len(q) < len(others):
            return None
        if len(p) == 1:
            if count == self.n:
                return p[0] ** self.n
            return binomial_upper(self.n, p[0], q[0], count)
        if count == self.n:
            return prod(p, start=fmpq(1))
        if count == 1:
            if all(isinstance(c, fmpq) for c in p):
                return 1 - prod(q, start=fmpq(1))
            return -sum((_log_of_complement(a, b) for a, b in zip(p, q, strict=True)), arb(0)).expm1()
        # Chances of 0, 1, 2, … of the events so far.
        counts: list[Number] = [fmpq(1)]
        for a, b in zip(p, q, strict=True):
            shifted = [fmpq(0), *(a * c for c in counts)]
            counts = [s + b * c for s, c in zip(shifted, [*counts, fmpq(0)], strict=True)]
        return sum(counts[count:], fmpq(0))


def _log_of_complement(p: Number, q: Number) -> arb:
    """Logarithm of q = 1 - p, from whichever of them is smaller."""
    if q == 0:
        return arb.neg_inf()
    return arb(q).log() if 2 * p > 1 else (-arb(p)).log1p()
