"""Laws of one variable and families of laws.

The facts about a law that bounds rest on (variance, variance proxy, Gaussian transport constant, supremum)
stand here beside it, each with its source.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from sympy import Abs, Expr, Rational, S, erfinv, pi, simplify, sqrt

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of


@dataclass(frozen=True)
class Law:
    """The law of one real random variable; its fields are SymPy expressions."""

    label: ClassVar[str]

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the law."""
        return parameters_of(*(getattr(self, f.name) for f in fields(self)))

    def at(self, point: Point) -> Law:
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
        """The laws at which a claim about this law (or family) is tested."""
        return (self,)

    def __str__(self) -> str:
        return f"{self.label}({', '.join(str(getattr(self, f.name)) for f in fields(self))})"

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

    def scaled(self, factor: Expr) -> Law:
        """The law of factor·w, factor > 0."""
        raise UnsupportedClaim(f"{self} cannot be scaled; write the scaled law out")


def _is_zero(expression: Expr) -> bool:
    return bool(expression == 0 or simplify(expression) == 0)


@dataclass(frozen=True)
class Uniform(Law):
    """Uniform on [low, high]. Variance proxy (high-low)²/12, from sinh(x)/x ≤ exp(x²/6)."""

    label = "uniform"
    low: Expr
    high: Expr

    def validate(self) -> None:
        _ordered(self.low, self.high)

    @property
    def _half(self) -> Expr:
        return (self.high - self.low) / 2

    @property
    def mean(self) -> Expr:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> Expr:
        return self._half**2 / 3

    @property
    def variance_proxy(self) -> Expr:
        return self._half**2 / 3

    @property
    def transport(self) -> Expr | None:
        # T(z) = a erf(z/√2) has its largest slope a√(2/π) at 0.
        return self._half * sqrt(2 / pi) if self.symmetric else None

    @property
    def supremum(self) -> Expr:
        return self.high if self.symmetric else Abs(self.mean) + self._half

    @property
    def symmetric(self) -> bool:
        return _is_zero(self.low + self.high)

    @property
    def unimodal(self) -> bool:
        return self.symmetric

    def magnitude_quantile(self, q: Expr) -> Expr:
        return self.high * q

    def scaled(self, factor: Expr) -> Uniform:
        return Uniform(factor * self.low, factor * self.high)


@dataclass(frozen=True)
class Normal(Law):
    """Normal with the given mean and standard deviation."""

    label = "normal"
    location: Expr
    std: Expr

    def validate(self) -> None:
        _finite("mean", self.location)
        _positive("std", self.std)

    @property
    def mean(self) -> Expr:
        return self.location

    @property
    def variance(self) -> Expr:
        return self.std**2

    @property
    def variance_proxy(self) -> Expr:
        return self.std**2

    @property
    def transport(self) -> Expr | None:
        return self.std if self.symmetric else None

    @property
    def symmetric(self) -> bool:
        return _is_zero(self.location)

    @property
    def unimodal(self) -> bool:
        return self.symmetric

    def magnitude_quantile(self, q: Expr) -> Expr:
        return self.std * sqrt(2) * erfinv(q)

    def scaled(self, factor: Expr) -> Normal:
        return Normal(factor * self.location, factor * self.std)


@dataclass(frozen=True)
class TwoPoint(Law):
    """The value `high` with probability `p`, else `low`. Variance proxy by Hoeffding's lemma (1963, (4.16))."""

    label = "two_point"
    low: Expr
    high: Expr
    p: Expr

    def validate(self) -> None:
        _ordered(self.low, self.high)
        _share("p", self.p)

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
    def supremum(self) -> Expr:
        return self.high if _is_zero(self.low + self.high) else Abs(self.mean) + (self.high - self.low)

    @property
    def symmetric(self) -> bool:
        return _is_zero(self.low + self.high) and _is_zero(self.p - Rational(1, 2))

    def scaled(self, factor: Expr) -> TwoPoint:
        return TwoPoint(factor * self.low, factor * self.high, self.p)

    def __str__(self) -> str:
        if self.p in (0, 1):
            return f"constant {self.high if self.p == 1 else self.low}"
        if self.low == 0 and self.high == 1:
            return f"bernoulli({self.p})"
        if self.symmetric:
            return f"rademacher({self.high})"
        return super().__str__()


@dataclass(frozen=True)
class Exponential(Law):
    """Exponential with the given rate, mean 1/rate."""

    label = "exponential"
    rate: Expr

    def validate(self) -> None:
        _positive("rate", self.rate)

    @property
    def mean(self) -> Expr:
        return 1 / self.rate

    @property
    def variance(self) -> Expr:
        return 1 / self.rate**2

    def scaled(self, factor: Expr) -> Exponential:
        return Exponential(self.rate / factor)


@dataclass(frozen=True)
class Bounded(Law):
    """The family of all laws on [low, high]: a claim about it is a claim about every member."""

    label = "bounded"
    low: Expr
    high: Expr

    def validate(self) -> None:
        _ordered(self.low, self.high)

    def witnesses(self) -> tuple[Law, ...]:
        """Constants, two-point laws at the ends (extremal for sums) from very skewed to fair, and laws inside.

        The order is symmetric: the k-th law from the front mirrors the k-th from the back.
        """
        low, high, middle = self.low, self.high, (self.low + self.high) / 2
        rare = [Rational(x) for x in ("1/1000", "1/20", "1/10", "3/10")]
        return (
            TwoPoint(low, high, S.Zero),
            *(TwoPoint(low, high, p) for p in rare),
            TwoPoint(middle, high, S.Zero),
            TwoPoint(low, high, Rational(1, 2)),
            Uniform(low, high),
            TwoPoint(middle - (high - low) / 20, middle + (high - low) / 20, Rational(1, 2)),
            *(TwoPoint(low, high, 1 - p) for p in reversed(rare)),
            TwoPoint(low, high, S.One),
        )

    @property
    def variance_proxy(self) -> Expr:
        return (self.high - self.low) ** 2 / 4


# Public constructors --------------------------------------------------------------------------------
def _ordered(low: Any, high: Any) -> tuple[Expr, Expr]:
    low, high = _finite("low", low), _finite("high", high)
    if (high - low).is_negative or _is_zero(high - low):
        raise InvalidArgument("high", high, f"is not above low={low}", "pass low < high")
    return low, high


def _finite(name: str, value: Any) -> Expr:
    value = exact(name, value)
    if value.is_finite is False:
        raise InvalidArgument(name, value, "is not finite", "pass a finite number")
    return value


def _positive(name: str, value: Any) -> Expr:
    value = exact(name, value)
    if value.is_positive is False or value.is_finite is False:
        raise InvalidArgument(name, value, "is not positive and finite", f"pass {name} > 0")
    return value


def _share(name: str, value: Any) -> Expr:
    value = exact(name, value)
    if value.is_number and not 0 <= value <= 1:
        raise InvalidArgument(name, value, "is not a probability", "pass a number between 0 and 1")
    return value


def uniform(low: Any, high: Any) -> Uniform:
    """The uniform law on [low, high]."""
    return Uniform(*_ordered(low, high))


def normal(mean: Any = 0, std: Any = 1) -> Normal:
    """The normal law with this mean and standard deviation (not variance)."""
    return Normal(_finite("mean", mean), _positive("std", std))


def rademacher(scale: Any = 1) -> TwoPoint:
    """±scale with probability ½ each."""
    scale = _positive("scale", scale)
    return TwoPoint(-scale, scale, Rational(1, 2))


def bernoulli(p: Any) -> TwoPoint:
    """1 with probability p, else 0."""
    return TwoPoint(S.Zero, S.One, _share("p", p))


def two_point(low: Any, high: Any, p: Any) -> TwoPoint:
    """`high` with probability p, else `low`."""
    return TwoPoint(*_ordered(low, high), _share("p", p))


def exponential(rate: Any = 1) -> Exponential:
    """The exponential law with this rate (mean 1/rate)."""
    return Exponential(_positive("rate", rate))


def bounded(low: Any, high: Any) -> Bounded:
    """The family of all laws on [low, high]; a claim about it is tested at extremal members."""
    return Bounded(*_ordered(low, high))
