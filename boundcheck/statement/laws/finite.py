"""Laws on finitely many values that are given one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sympy import Abs, Expr, Max, Min, Rational, S, exp

from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.laws.law import VALUE, Law, finite_number, is_zero, ordered, positive_number, probability
from boundcheck.statement.notation import Phrase, Sign, listed, named


class Finite(Law, ABC):
    """A law on finitely many values."""

    @property
    def notation(self) -> Phrase:
        rows: list[Phrase] = [(value, " with probability ", p) for value, p in self.finite.items()]
        return ("the law on ", *listed(rows))

    @property
    @abstractmethod
    def finite(self) -> Mapping[Expr, Expr]:
        """Value -> probability."""

    @property
    def support(self) -> tuple[Expr, Expr]:
        return Min(*self.finite), Max(*self.finite)

    def even_moment(self, j: int) -> Expr:
        return sum((p * v ** (2 * j) for v, p in self.finite.items()), S.Zero)

    def mgf(self, lam: Expr) -> Expr:
        return sum((p * exp(lam * v) for v, p in self.finite.items()), S.Zero)

    def image(self, function: Expr) -> Law | None:
        if function == VALUE:
            return self
        return Discrete(*_merged((function.xreplace({VALUE: value}), p) for value, p in self.finite.items()))


@dataclass(frozen=True)
class TwoPoint(Finite):
    """The value `high` with probability `p`, else `low`. Variance proxy by Hoeffding's lemma (1963, (4.16))."""

    label = "two_point"
    low: Expr
    high: Expr
    p: Expr

    def validate(self) -> None:
        ordered(self.low, self.high)
        probability("p", self.p)

    @property
    def mean(self) -> Expr:
        return self.low + self.p * (self.high - self.low)

    @property
    def variance(self) -> Expr:
        return self.p * (1 - self.p) * (self.high - self.low) ** 2

    @property
    def variance_proxy(self) -> Expr:
        return (self.high - self.low) ** 2 / 4

    @property
    def moment_proxy(self) -> Expr | None:
        return self.high**2 if self.symmetric else None

    @property
    def sparse_proxy(self) -> Expr | None:
        # 3^{j-1} ≤ (2j-1)!!.
        return self.high**2 / 3 if self.symmetric else None

    @property
    def supremum(self) -> Expr:
        return self.high if is_zero(self.low + self.high) else Abs(self.mean) + (self.high - self.low)

    @property
    def symmetric(self) -> bool:
        return is_zero(self.p - Rational(1, 2)) and is_zero(self.low + self.high)

    def scaled(self, factor: Expr) -> TwoPoint:
        return TwoPoint(factor * self.low, factor * self.high, self.p)

    @property
    def finite(self) -> Mapping[Expr, Expr]:
        if self.p in (0, 1):
            return {self.high if self.p == 1 else self.low: S.One}
        return {self.low: 1 - self.p, self.high: self.p}

    @property
    def support(self) -> tuple[Expr, Expr]:
        return super().support if self.p in (0, 1) else (self.low, self.high)

    def image(self, function: Expr) -> Law | None:
        if function == VALUE:
            return self
        low, high = (function.xreplace({VALUE: end}) for end in (self.low, self.high))
        if (high - low).is_positive:
            return TwoPoint(low, high, self.p)
        return TwoPoint(high, low, 1 - self.p) if (low - high).is_positive else super().image(function)

    def __str__(self) -> str:
        if self.p in (0, 1):
            return f"constant {self.high if self.p == 1 else self.low}"
        if self.low == 0 and self.high == 1:
            return f"bernoulli({self.p})"
        if self.symmetric:
            return f"rademacher({self.high})"
        return super().__str__()

    @property
    def notation(self) -> Phrase:
        if self.p in (0, 1):
            return ("the constant ", self.high if self.p == 1 else self.low)
        if self.low == 0 and self.high == 1:
            return named("Bernoulli", self.p)
        if self.symmetric:
            factor = () if self.high == 1 else (self.high, Sign(" ", r"\,"))
            return (*factor, *named("Rademacher")[:1])
        return super().notation


@dataclass(frozen=True)
class Discrete(Finite):
    """A law on finitely many values, given by the user."""

    label = "discrete"
    values: tuple[Expr, ...]
    probabilities: tuple[Expr, ...]

    @property
    def parameters(self) -> frozenset[Parameter]:
        return parameters_of(*self.values, *self.probabilities)

    def at(self, point: Point) -> Self:
        """The law with numbers put in for parameters; values that then coincide add up their probabilities."""
        values, shares = ([x.xreplace(dict(point)) for x in xs] for xs in (self.values, self.probabilities))
        for share in shares:
            probability("probabilities", share)
        law = type(self)(*_merged(zip(values, shares, strict=True)))
        law.validate()
        return law

    def validate(self) -> None:
        for value in self.values:
            finite_number("values", value)
        for share in self.probabilities:
            probability("probabilities", share)
        total = sum(self.probabilities, S.Zero)
        if total.is_number and not is_zero(total - 1):
            raise InvalidArgument("probabilities", total, "is their sum", "pass probabilities that add up to 1")
        if len(set(self.values)) != len(self.values):
            raise InvalidArgument("values", self.values, "repeat a value", "give every value once")

    @property
    def mean(self) -> Expr:
        return sum((v * p for v, p in self.finite.items()), S.Zero)

    @property
    def variance(self) -> Expr:
        return sum((v**2 * p for v, p in self.finite.items()), S.Zero) - self.mean**2

    @property
    def finite(self) -> Mapping[Expr, Expr]:
        return {v: p for v, p in zip(self.values, self.probabilities, strict=True) if p != 0}

    @property
    def variance_proxy(self) -> Expr:
        """By Hoeffding's lemma (1963, (4.16))."""
        low, high = self.support
        return (high - low) ** 2 / 4

    @property
    def supremum(self) -> Expr:
        return Max(*(Abs(v) for v in self.finite))

    def scaled(self, factor: Expr) -> Discrete:
        return Discrete(tuple(factor * v for v in self.values), self.probabilities)

    def __str__(self) -> str:
        return f"discrete({{{', '.join(f'{v}: {p}' for v, p in zip(self.values, self.probabilities, strict=True))}}})"


def _merged(weights: Iterable[tuple[Expr, Expr]]) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """Values, each once, and their probabilities."""
    found: dict[Expr, Expr] = {}
    for value, share in weights:
        found[value] = found.get(value, S.Zero) + share
    return tuple(found), tuple(found.values())


def rademacher(scale: Any = 1) -> TwoPoint:
    """±scale with probability ½ each."""
    scale = positive_number("scale", scale)
    return TwoPoint(-scale, scale, Rational(1, 2))


def bernoulli(p: Any) -> TwoPoint:
    """1 with probability p, else 0."""
    return TwoPoint(S.Zero, S.One, probability("p", p))


def two_point(low: Any, high: Any, p: Any) -> TwoPoint:
    """`high` with probability p, else `low`."""
    return TwoPoint(*ordered(low, high), probability("p", p))


def discrete(weights: Mapping[Any, Any]) -> Discrete:
    """A law of your own on finitely many values, as {value: probability}.

    Raises
    ------
    InvalidArgument
        When the probabilities do not add up to 1, or something is not a number.

    Examples
    --------
    >>> discrete({-1: "1/4", 0: "1/2", 1: "1/4"}).variance
    1/2
    """
    if not isinstance(weights, Mapping) or not weights:
        raise InvalidArgument("weights", weights, "is no table of probabilities", "pass {value: probability, …}")
    law = Discrete(
        tuple(exact("values", v) for v in weights), tuple(probability("probabilities", p) for p in weights.values())
    )
    law.validate()
    return law
