"""The outcomes of a sample with finitely many: how often each value occurs, and how likely that is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, cmp_to_key, lru_cache
from itertools import product
from typing import Any

from flint import arb, fmpq
from sympy import Expr, S

from boundcheck.formula.exact.counts import hypergeometric
from boundcheck.formula.exact.known import finite_values
from boundcheck.formula.exact.numbers import FRACTIONS, Number, absolute, larger, number, sign_of
from boundcheck.statement.laws import VALUE, TwoPoint
from boundcheck.statement.randomness import Sample, Statistic, WithoutReplacement

MOST = 200_000

Outcome = tuple[int, ...]
"""How often each of the sample's values occurs."""


@dataclass(frozen=True)
class Group:
    """Some variables of one law: its values, and the outcomes with their probabilities."""

    values: tuple[Expr, ...]
    shares: tuple[Expr, ...]
    size: int
    count: int
    """The number of outcomes."""

    def outcomes(self) -> Iterator[tuple[Outcome, Number]]:
        """Every outcome and its probability."""
        shares, n = [number(share) for share in self.shares], self.size
        if n <= FRACTIONS and all(isinstance(share, fmpq) for share in shares):
            return self._fractions([share for share in shares if isinstance(share, fmpq)])
        powers = []
        for share in shares:
            row = [arb(1)]
            for k in range(1, n + 1):
                row.append(row[-1] * share / k)
            powers.append(row)
        whole = (arb(n) + 1).gamma()
        return ((c, whole * math.prod(row[k] for row, k in zip(powers, c, strict=True))) for c in self._counts())

    def _fractions(self, shares: list[fmpq]) -> Iterator[tuple[Outcome, Number]]:
        n, whole = self.size, math.lcm(*(int(share.q) for share in shares))
        parts = [int(share.p) * (whole // int(share.q)) for share in shares]
        for counts in self._counts():
            ways, left = 1, n
            for k, part in zip(counts, parts, strict=True):
                ways *= math.comb(left, k) * part**k
                left -= k
            yield counts, fmpq(ways, whole**n)

    def _counts(self) -> Iterator[Outcome]:
        return _compositions(self.size, len(self.values))


def _compositions(n: int, parts: int) -> Iterator[Outcome]:
    if parts == 1:
        yield (n,)
        return
    for k in range(n + 1):
        for rest in _compositions(n - k, parts - 1):
            yield k, *rest


@dataclass(frozen=True)
class Drawn(Group):
    """Draws without replacement from a population of two values; `shares` are how many there are of each."""

    def outcomes(self) -> Iterator[tuple[Outcome, Number]]:
        low, high = (int(share) for share in self.shares)
        table = hypergeometric(low + high, high, self.size)
        return (((self.size - k, k), weight) for k, weight in enumerate(table.weights(), table.first))


@lru_cache(maxsize=64)
def groups_of(sample: Sample) -> tuple[Group, ...] | None:
    """The variables of a sample by their laws, None when there are not finitely many outcomes, or too many."""
    n = int(sample.size)
    if isinstance(sample, WithoutReplacement):
        law = sample.laws[0]
        if not isinstance(law, TwoPoint) or not (law.p * sample.population).is_Integer:
            return None
        marked = law.p * sample.population
        return (Drawn((law.low, law.high), (sample.population - marked, marked), n, n + 1),)
    if type(sample) is not Sample:
        return None
    groups = []
    for law, size in ({sample.laws[0]: n} if sample.identical else Counter(sample.laws)).items():
        finite = finite_values(law)
        if finite is None:
            return None
        count = math.comb(size + len(finite) - 1, len(finite) - 1)
        groups.append(Group(tuple(finite), tuple(finite.values()), size, count))
    return tuple(groups) if math.prod(group.count for group in groups) <= MOST else None


def outcomes(groups: tuple[Group, ...]) -> Iterator[tuple[Outcome, Number]]:
    """Every outcome of independent groups and its probability."""
    if len(groups) == 1:
        yield from groups[0].outcomes()
        return
    for combined in product(*(list(group.outcomes()) for group in groups)):
        counts = tuple(k for outcome, _ in combined for k in outcome)
        yield counts, math.prod((weight for _, weight in combined), start=fmpq(1))


class Evaluated:
    """A statistic as a function of the outcome."""

    def __init__(self, statistic: Statistic, groups: tuple[Group, ...]) -> None:
        self.statistic, self.groups = statistic, groups
        function = statistic.sample.function
        self.exact = [function.xreplace({VALUE: v}) for group in groups for v in group.values]
        self.n = sum(group.size for group in groups)
        self.shares = groups[0].shares
        self.kind = statistic.kind
        self.rank = {"maximum": self.n, "minimum": 1}.get(self.kind) or int(statistic.rank or 0)

    @cached_property
    def ranking(self) -> list[int] | None:
        """Places of the values from the smallest to the largest, None where that cannot be told."""
        signs: set[int | None] = set()

        def order(i: int, j: int) -> int:
            sign = 0 if self.exact[i] == self.exact[j] else sign_of(self.exact[i] - self.exact[j])
            signs.add(sign)
            return sign or 0

        ranking = sorted(range(len(self.exact)), key=cmp_to_key(order))
        return None if None in signs else ranking

    @property
    def known(self) -> bool:
        """Whether the statistic can be evaluated."""
        if self.kind in ("sum", "mean"):
            return True
        if self.kind == "variance":
            return self.n > 1
        if self.kind == "kolmogorov":
            return self.statistic.sample.identical and self.ranking is not None
        return self.kind in ("maximum", "minimum", "order") and self.ranking is not None

    def values(self) -> list[Number]:
        """What each value contributes, at the working precision."""
        return [number(value) for value in self.exact]

    def at(self, outcome: Outcome, values: list[Number]) -> Number:
        """The statistic at an outcome."""
        return self._at(outcome, values, fmpq(0))

    def exactly(self, outcome: Outcome) -> Expr | None:
        """The statistic at an outcome as an expression; None for the Kolmogorov distance."""
        return None if self.kind == "kolmogorov" else self._at(outcome, self.exact, S.Zero)

    def _at(self, outcome: Outcome, values: Sequence[Any], zero: Any) -> Any:
        if self.kind in ("sum", "mean", "variance"):
            total = sum((k * v for k, v in zip(outcome, values, strict=True) if k), zero)
            if self.kind == "sum":
                return total
            if self.kind == "mean":
                return total / self.n
            squares = sum((k * v**2 for k, v in zip(outcome, values, strict=True) if k), zero)
            return (squares - total**2 / self.n) / (self.n - 1)
        assert self.ranking is not None
        if self.kind == "kolmogorov":
            return self._distance(outcome, self.ranking)
        left = self.rank
        for place in self.ranking:
            left -= outcome[place]
            if left <= 0:
                return values[place]
        raise AssertionError(f"rank {self.rank} of {self.n} variables")

    def _distance(self, outcome: Outcome, ranking: list[int]) -> Number:
        share: Number = fmpq(0)
        largest: Number = fmpq(0)
        counted = 0
        for place, following in zip(ranking, [*ranking[1:], None], strict=True):
            counted, share = counted + outcome[place], share + number(self.shares[place])
            # Equal values count together.
            if following is None or self.exact[place] != self.exact[following]:
                largest = larger(largest, absolute(fmpq(counted, self.n) - share))
        return largest
