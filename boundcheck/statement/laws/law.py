"""What a law of one variable is, and its affine images.

The facts about a law that bounds rest on (variance, variance proxy, Gaussian transport constant, supremum) stand
beside it, each with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

from sympy import Abs, Expr, S, Symbol, exp, log, oo, simplify

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.domain import Domain, Parameter, Point, exact, parameters_of
from boundcheck.statement.notation import SIMILAR, Phrase, named
from boundcheck.statement.shown import Shown

VALUE = Symbol("X_i", real=True)
"""Stands for one variable in functions that are applied to each variable of a sample."""
SHARE = Parameter("p*", Domain(S.Zero, S.One))
"""Free in extremal members of a family, over which a claim is optimised; its name is none that a user can give."""


@dataclass(frozen=True)
class Law(Shown):
    """The law of one real random variable; its fields are SymPy expressions."""

    label: ClassVar[str]

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the law."""
        return parameters_of(*(getattr(self, f.name) for f in fields(self)))

    def at(self, point: Point) -> Self:
        """The law with numbers put in for parameters.

        Raises
        ------
        InvalidArgument
            When there is no such law.
        """
        law = replace(self, **{f.name: getattr(self, f.name).xreplace(dict(point)) for f in fields(self)})
        law.validate()
        return law

    def validate(self) -> None:
        """Check the law's numbers, as far as they are numbers."""

    def witnesses(self) -> tuple[Law, ...]:
        """The laws at which a claim about this law (or family) is tested; :data:`SHARE` may be free in them."""
        return (self,)

    def __str__(self) -> str:
        return f"{self.label}({', '.join(str(getattr(self, f.name)) for f in fields(self))})"

    @property
    def notation(self) -> Phrase:
        """The law as a mathematician writes it: Beta(a, b)."""
        return named(self.label.capitalize(), *(getattr(self, f.name) for f in fields(self)))

    @property
    def predicate(self) -> Phrase:
        """What follows the name of a variable: ~ Beta(a, b), or from the law of …."""
        in_words = isinstance(self.notation[0], str)
        return (" from " if in_words else SIMILAR, *self.notation)

    # Facts; None where the law has none. -------------------------------------------------------------
    @property
    def mean(self) -> Expr:
        """The mean."""
        raise UnsupportedClaim(f"{self} has no single mean: it is a family of laws")

    @property
    def variance(self) -> Expr | None:
        """The variance."""
        return None

    @property
    def variance_proxy(self) -> Expr | None:
        """s² with E exp(λ(w - E w)) ≤ exp(λ² s²/2) for all λ."""
        return None

    @property
    def moment_proxy(self) -> Expr | None:
        """s² with E w^{2j} ≤ s^{2j} (2j-1)!! for all j ≥ 1 (law symmetric about 0): moments at most a normal's."""
        return None

    @property
    def sparse_proxy(self) -> Expr | None:
        """L² with E w^{2j} ≤ v L^{2j-2} (2j-1)!! for all j ≥ 1, v the variance (law symmetric about 0)."""
        return None

    def even_moment(self, j: int) -> Expr | None:
        """E w^{2j}, exactly, j ≥ 1; None where it has no closed form here."""
        return None

    @property
    def transport(self) -> Expr | None:
        """g such that w = T(Z) for a standard normal Z and an odd g-Lipschitz T (law symmetric about 0)."""
        return None

    @property
    def supremum(self) -> Expr | None:
        """An upper bound of |w| (the least one for laws symmetric about 0), None when infinite."""
        return None

    @property
    def symmetric(self) -> bool:
        """Whether w and -w have the same law."""
        return False

    @property
    def unimodal(self) -> bool:
        """Whether the density of |w| is nonincreasing, so that a symmetric w mixes centred uniform laws."""
        return False

    def magnitude_quantile(self, q: Expr) -> Expr | None:
        """The q-quantile of |w|, for a symmetric continuous law."""
        return None

    @property
    def finite(self) -> Mapping[Expr, Expr] | None:
        """Value -> probability, for a law that is given by its finitely many values."""
        return None

    @property
    def support(self) -> tuple[Expr, Expr]:
        """Ends, possibly infinite, of the least interval that holds all values."""
        return -oo, oo

    def density(self, x: Expr) -> Expr | None:
        """The density at x inside the support, for a law that has one."""
        return None

    def mgf(self, lam: Expr) -> Expr | None:
        """E exp(λw), where it is finite; None where it has no closed form here."""
        return None

    def cgf(self, lam: Expr) -> Expr:
        """log E exp(λw), where :meth:`mgf` has it."""
        return log(self.mgf(lam))

    def image(self, function: Expr) -> Law | None:
        """The law of f(w), f an expression in :data:`VALUE`; None where it is not one of the laws here."""
        if function == VALUE:
            return self
        coefficients = affine(function)
        return None if coefficients is None else Affine(self, *coefficients)

    def scaled(self, factor: Expr) -> Law:
        """The law of factor·w, factor > 0."""
        raise UnsupportedClaim(f"{self} cannot be scaled; write the scaled law out")


@dataclass(frozen=True)
class Affine(Law):
    """The law of scale·w + shift, for a law that is not closed under such maps."""

    label = "affine"
    law: Law
    scale: Expr
    shift: Expr

    @property
    def parameters(self) -> frozenset[Parameter]:
        return self.law.parameters | parameters_of(self.scale, self.shift)

    def at(self, point: Point) -> Self:
        scale, shift = (x.xreplace(dict(point)) for x in (self.scale, self.shift))
        return replace(self, law=self.law.at(point), scale=scale, shift=finite_number("shift", shift))

    @property
    def mean(self) -> Expr:
        return self.scale * self.law.mean + self.shift

    @property
    def variance(self) -> Expr | None:
        return None if self.law.variance is None else self.scale**2 * self.law.variance

    @property
    def support(self) -> tuple[Expr, Expr]:
        ends = [self.scale * end + self.shift for end in self.law.support]
        return (ends[0], ends[1]) if self.scale.is_positive else (ends[1], ends[0])

    def density(self, x: Expr) -> Expr | None:
        inner = self.law.density((x - self.shift) / self.scale)
        return None if inner is None else inner / Abs(self.scale)

    def mgf(self, lam: Expr) -> Expr | None:
        inner = self.law.mgf(lam * self.scale)
        return None if inner is None else exp(lam * self.shift) * inner

    def cgf(self, lam: Expr) -> Expr:
        return lam * self.shift + self.law.cgf(lam * self.scale)

    def image(self, function: Expr) -> Law | None:
        inner = function.xreplace({VALUE: self.scale * VALUE + self.shift}).expand()
        return self.law.image(inner)

    def __str__(self) -> str:
        factor = "" if self.scale == 1 else f"{self.scale}*"
        return f"{factor}{self.law}" + ("" if self.shift == 0 else f" + {self.shift}")

    @property
    def notation(self) -> Phrase:
        return ("the law of ", self.scale * Symbol("Y") + self.shift, " for ", Symbol("Y"), *self.law.predicate)


def affine(function: Expr) -> tuple[Expr, Expr] | None:
    """(a, b) of a function aX + b with a slope whose sign is known, else None."""
    rest = function.xreplace({VALUE: S.Zero})
    slope = function.xreplace({VALUE: S.One}) - rest
    if (function - slope * VALUE - rest).expand() != 0 or not (slope.is_positive or slope.is_negative):
        return None
    return slope, rest


def is_zero(expression: Expr) -> bool:
    """Whether an expression simplifies to 0."""
    if expression == 0 or expression.is_positive or expression.is_negative:
        return bool(expression == 0)
    return bool(simplify(expression) == 0)


# Checks of numbers, as far as they are numbers. -----------------------------------------------------
def ordered(low: Any, high: Any) -> tuple[Expr, Expr]:
    """Two finite numbers, low < high."""
    low, high = finite_number("low", low), finite_number("high", high)
    if (high - low).is_negative or is_zero(high - low):
        raise InvalidArgument("high", high, f"is not above low={low}", "pass low < high")
    return low, high


def finite_number(name: str, value: Any) -> Expr:
    """A number that is finite."""
    value = exact(name, value)
    if value.is_finite is False:
        raise InvalidArgument(name, value, "is not finite", "pass a finite number")
    return value


def positive_number(name: str, value: Any) -> Expr:
    """A number that is positive and finite."""
    value = exact(name, value)
    if value.is_positive is False or value.is_finite is False:
        raise InvalidArgument(name, value, "is not positive and finite", f"pass {name} > 0")
    return value


def probability(name: str, value: Any) -> Expr:
    """A number from 0 to 1."""
    value = exact(name, value)
    if value.is_number and not 0 <= value <= 1:
        raise InvalidArgument(name, value, "is not a probability", "pass a number between 0 and 1")
    return value
