"""Discrete probability spaces: the atoms of one statistic, or the outcomes of a sample with finitely many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from flint import arb, fmpq
from sympy import Expr

from boundcheck.formula.exact.distribution import Atoms
from boundcheck.formula.exact.known import distribution_of
from boundcheck.formula.exact.numbers import Number, number
from boundcheck.formula.exact.outcomes import Evaluated, Outcome, groups_of, outcomes
from boundcheck.statement.randomness import Statistic


class Space(ABC):
    """Points with probabilities, and what the statistics are at each."""

    statistics: Sequence[Statistic]

    @abstractmethod
    def points(self) -> Iterator[tuple[Any, list[Number], Number]]:
        """Every point, the values of the statistics there, and its probability."""

    @abstractmethod
    def values(self, point: Any) -> list[Number]:
        """The values of the statistics at the working precision."""

    @abstractmethod
    def exactly(self, point: Any) -> dict[Expr, Expr] | None:
        """The values of the statistics as expressions, None where they have none."""

    def beyond(self) -> Number:
        """An upper bound of the probability of what :meth:`points` leaves out."""
        return fmpq(0)


class AtomSpace(Space):
    """The atoms of one statistic."""

    def __init__(self, statistic: Statistic, atoms: Atoms) -> None:
        self.statistics, self.atoms = [statistic], atoms

    def points(self) -> Iterator[tuple[int, list[Number], Number]]:
        values, weights = self.atoms.values(), self.atoms.weights()
        return ((k, [value], weight) for k, (value, weight) in enumerate(zip(values, weights, strict=True)))

    def values(self, point: int) -> list[Number]:
        return [number(self.atoms.exact(point))]

    def exactly(self, point: int) -> dict[Expr, Expr]:
        return {self.statistics[0]: self.atoms.exact(point)}

    def beyond(self) -> Number:
        further = self.atoms.further()
        return fmpq(0) if further is None else arb(further.last * further.ratio / (1 - further.ratio)).upper()


class OutcomeSpace(Space):
    """The outcomes of a sample."""

    def __init__(self, evaluated: Sequence[Evaluated]) -> None:
        self.statistics = [e.statistic for e in evaluated]
        self.evaluated, self.groups = evaluated, evaluated[0].groups

    def points(self) -> Iterator[tuple[Outcome, list[Number], Number]]:
        contributions = [e.values() for e in self.evaluated]
        for outcome, weight in outcomes(self.groups):
            pairs = zip(self.evaluated, contributions, strict=True)
            yield outcome, [e.at(outcome, values) for e, values in pairs], weight

    def values(self, point: Outcome) -> list[Number]:
        return [e.at(point, e.values()) for e in self.evaluated]

    def exactly(self, point: Outcome) -> dict[Expr, Expr] | None:
        exact = {e.statistic: e.exactly(point) for e in self.evaluated}
        return None if None in exact.values() else {s: value for s, value in exact.items() if value is not None}


def space_of(e: Expr) -> Space | None:
    """The discrete space that the statistics in an expression live on, None where there is none that is small."""
    statistics = sorted(e.atoms(Statistic), key=str)
    if len(statistics) == 1:
        distribution = distribution_of(statistics[0])
        atoms = None if distribution is None else distribution.atoms()
        if atoms is not None:
            return AtomSpace(statistics[0], atoms)
    if len({statistic.sample.base for statistic in statistics}) != 1:
        return None
    groups = groups_of(statistics[0].sample.base)
    if groups is None:
        return None
    evaluated = [Evaluated(statistic, groups) for statistic in statistics]
    return OutcomeSpace(evaluated) if all(e.known for e in evaluated) else None
