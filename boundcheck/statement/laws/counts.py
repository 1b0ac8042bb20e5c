"""Laws of counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Max, Min, S, exp, oo

from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import exact
from boundcheck.statement.laws.law import Law, positive_number


@dataclass(frozen=True)
class Poisson(Law):
    """Poisson on 0, 1, 2, … with the given mean."""

    label = "poisson"
    rate: Expr

    def validate(self) -> None:
        positive_number("rate", self.rate)

    @property
    def mean(self) -> Expr:
        return self.rate

    @property
    def variance(self) -> Expr:
        return self.rate

    @property
    def support(self) -> tuple[Expr, Expr]:
        return S.Zero, oo

    def mgf(self, lam: Expr) -> Expr:
        return exp(self.rate * (exp(lam) - 1))


@dataclass(frozen=True)
class Hypergeometric(Law):
    """Marked items among `drawn` out of `population`, of which `marked` are marked, without replacement."""

    label = "hypergeometric"
    population: Expr
    marked: Expr
    drawn: Expr

    def validate(self) -> None:
        for name, value in (("population", self.population), ("marked", self.marked), ("drawn", self.drawn)):
            if value.is_integer is False or value.is_negative or (name == "population" and value == 0):
                raise InvalidArgument(name, value, "is not a count", "pass an integer of at least 0, population ≥ 1")
        for name, value in (("marked", self.marked), ("drawn", self.drawn)):
            if (self.population - value).is_negative:
                raise InvalidArgument(name, value, f"exceeds population={self.population}", "pass at most that many")

    @property
    def mean(self) -> Expr:
        return self.drawn * self.marked / self.population

    @property
    def variance(self) -> Expr:
        share = self.marked / self.population
        return self.drawn * share * (1 - share) * (self.population - self.drawn) / Max(1, self.population - 1)

    @property
    def support(self) -> tuple[Expr, Expr]:
        return Max(0, self.drawn + self.marked - self.population), Min(self.drawn, self.marked)


def poisson(rate: Any) -> Poisson:
    """The Poisson law with this mean."""
    return Poisson(positive_number("rate", rate))


def hypergeometric(population: Any, marked: Any, drawn: Any) -> Hypergeometric:
    """Marked items among `drawn` out of `population` items, of which `marked` are marked."""
    law = Hypergeometric(exact("population", population), exact("marked", marked), exact("drawn", drawn))
    law.validate()
    return law
