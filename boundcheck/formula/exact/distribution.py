"""Distributions of one statistic: the chance of either side of a level, and the atoms where there are any."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from flint import fmpq
from sympy import Add, Expr, Integer, Mul, S

from boundcheck.formula.exact.counts import Count, Further
from boundcheck.formula.exact.numbers import Number, least_integer, number


class Atoms(NamedTuple):
    """The values of a discrete statistic and their probabilities."""

    values: Callable[[], list[Number]]
    """At the working precision."""
    exact: Callable[[int], Expr]
    """The value at a place."""
    weights: Callable[[], list[Number]]
    step: Expr
    """What a value that follows exceeds the one before by."""
    further: Callable[[], Further | None]
    """A bound of the probabilities of the values that follow, None where there are none."""


class Distribution(ABC):
    """The distribution of a real statistic."""

    @abstractmethod
    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        """P(S ≥ level), without equality when strict; None where it cannot be told."""

    @abstractmethod
    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        """P(S ≤ level), without equality when strict; None where it cannot be told."""

    def atoms(self) -> Atoms | None:
        """The atoms of a discrete distribution."""
        return None


@dataclass(frozen=True)
class Lattice(Distribution):
    """base + step·K, step > 0, for an integer K."""

    base: Expr
    step: Expr
    count: Count

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        k = self._first(level, strict=strict)
        return None if k is None else self.count.upper(k)

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        k = self._first(level, strict=not strict)
        return None if k is None else self.count.lower(k - 1)

    def _first(self, level: Expr, *, strict: bool) -> int | None:
        """The least K whose value is at or above the level, or above it when strict."""
        place = (number(level) - number(self.base)) / number(self.step)
        return least_integer(place, lambda: place_of(level, self.base, self.step), strict=strict)

    def atoms(self) -> Atoms:
        first = self.count.first

        def values() -> list[Number]:
            base, step = number(self.base), number(self.step)
            return [base + (first + k) * step for k in range(len(self.count.weights()))]

        return Atoms(
            values,
            lambda k: self.base + (first + k) * self.step,
            lambda: list(self.count.weights()),
            self.step,
            self.count.further,
        )


@dataclass(frozen=True)
class AffineImage(Distribution):
    """scale·S + shift, for a rational scale or one whose sign SymPy knows."""

    inner: Distribution
    scale: Expr
    shift: Expr

    def upper(self, level: Expr, *, strict: bool) -> Number | None:
        level = place_of(level, self.shift, self.scale)
        side = self.inner.upper if self.scale.is_positive else self.inner.lower
        return side(level, strict=strict)

    def lower(self, level: Expr, *, strict: bool) -> Number | None:
        level = place_of(level, self.shift, self.scale)
        side = self.inner.lower if self.scale.is_positive else self.inner.upper
        return side(level, strict=strict)

    def atoms(self) -> Atoms | None:
        inner = self.inner.atoms()
        if inner is None:
            return None

        def values() -> list[Number]:
            scale, shift = number(self.scale), number(self.shift)
            return [scale * value + shift for value in inner.values()]

        return inner._replace(
            values=values, exact=lambda k: self.scale * inner.exact(k) + self.shift, step=self.scale * inner.step
        )


def place_of(level: Expr, shift: Expr, scale: Expr) -> Expr:
    """(level - shift) / scale, written out by SymPy only where that is a fraction."""
    if level.is_Rational and shift.is_Rational and scale.is_Rational:
        return (level - shift) / scale
    moved = level if shift == 0 else Add(level, -shift, evaluate=False)
    return moved if scale == 1 else Mul(moved, 1 / scale, evaluate=False)


def scaled(inner: Distribution, size: int) -> Distribution:
    """The distribution of S / size."""
    return inner if size == 1 else AffineImage(inner, 1 / Integer(size), S.Zero)


def clamp(number_: Number, low: int, high: int) -> Number:
    """A number brought between two integers."""
    if isinstance(number_, fmpq):
        return min(max(number_, fmpq(low)), fmpq(high))
    return number_.max(low).min(high)
