"""Families of laws: a claim about a family is a claim about every member, and is tested at extremal members.

Members may depend on :data:`boundcheck.statement.laws.SHARE`, over which a claim is optimised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sympy import Abs, Expr, Rational, S, oo, sqrt

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.domain import Parameter, Point, parameters_of
from boundcheck.statement.laws import (
    SHARE,
    Affine,
    Discrete,
    Exponential,
    Gamma,
    Law,
    Normal,
    Poisson,
    TwoPoint,
    Uniform,
    finite_number,
    ordered,
    positive_number,
)
from boundcheck.statement.notation import Phrase, filled, interval

HALF = Rational(1, 2)


@dataclass(frozen=True)
class Bounded(Law):
    """The family of all laws on [low, high]."""

    label = "bounded"
    low: Expr
    high: Expr

    def validate(self) -> None:
        ordered(self.low, self.high)

    def witnesses(self) -> tuple[Law, ...]:
        """Two-point laws at the ends with any share, constants among them (extremal for sums), and laws inside."""
        low, high, middle = self.low, self.high, (self.low + self.high) / 2
        return (
            TwoPoint(low, high, SHARE),
            constant_law(middle),
            Uniform(low, high),
            TwoPoint(middle - (high - low) / 20, middle + (high - low) / 20, HALF),
        )

    @property
    def variance_proxy(self) -> Expr:
        return (self.high - self.low) ** 2 / 4

    @property
    def support(self) -> tuple[Expr, Expr]:
        return self.low, self.high

    @property
    def predicate(self) -> Phrase:
        return (" with values in ", *interval(self.low, self.high))


@dataclass(frozen=True)
class Family(Law):
    """All laws with some facts in common; the facts that are known stand in for those of a single law."""

    kind: str
    arguments: tuple[tuple[str, Expr], ...]
    members: tuple[Law, ...]
    location: Expr | None = None
    spread: Expr | None = None

    @property
    def parameters(self) -> frozenset[Parameter]:
        return parameters_of(*(value for _, value in self.arguments))

    def at(self, point: Point) -> Self:
        values = dict(point)
        arguments = tuple((name, value.xreplace(values)) for name, value in self.arguments)
        facts = (None if fact is None else fact.xreplace(values) for fact in (self.location, self.spread))
        return type(self)(self.kind, arguments, tuple(law.at(point) for law in self.members), *facts)

    def witnesses(self) -> tuple[Law, ...]:
        return self.members

    @property
    def mean(self) -> Expr:
        if self.location is None:
            raise UnsupportedClaim(f"{self} has no single mean: it is a family of laws")
        return self.location

    @property
    def variance(self) -> Expr | None:
        return self.spread

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={value}' for name, value in self.arguments)})"

    @property
    def predicate(self) -> Phrase:
        values: dict[str, Expr] = {"low": S.Zero, "high": oo, **dict(self.arguments)}
        return filled(f" {_WORDS[self.kind]}", {**values, "range": interval(values["low"], values["high"])})


_WORDS = {
    "bounded_with_mean": "with mean {mean} and values in {range}",
    "centred": "with mean 0, values of at most {upper} and variance at most {variance}",
    "with_variance": "with mean {mean} and variance {variance}",
    "nonnegative": "with mean {mean} and values in {range}",
    "sub_gaussian": "sub-Gaussian with mean 0 and variance proxy {proxy}",
    "sub_gamma": "sub-gamma on the right with mean 0, variance factor {variance_factor} and scale {scale}",
    "sub_exponential": "sub-exponential with mean 0, variance factor {variance_factor} and scale {scale}",
}
"""How a kind of family reads after the name of a variable."""


def bounded(low: Any, high: Any) -> Bounded:
    """The family of all laws on [low, high]; a claim about it is tested at extremal members."""
    return Bounded(*ordered(low, high))


def bounded_with_mean(low: Any, high: Any, mean: Any) -> Family:
    """All laws on [low, high] with this mean; the two-point law at the ends is extremal for convex functions."""
    low, high = ordered(low, high)
    mean = finite_number("mean", mean)
    if (mean - low).is_negative or (high - mean).is_negative:
        raise InvalidArgument("mean", mean, f"lies outside [{low}, {high}]", "pass a mean between the ends")
    share = (mean - low) / (high - low)
    members = (
        TwoPoint(low, high, share),
        constant_law(mean),
        Discrete((low, mean, high), ((1 - share) / 2, HALF, share / 2)),
    )
    return Family("bounded_with_mean", (("low", low), ("high", high), ("mean", mean)), members, mean)


def centred(*, upper: Any, variance: Any) -> Family:
    """All laws with mean 0, values of at most `upper`, and at most this variance (Bennett's hypotheses).

    The two-point law on `upper` and -v/upper is extremal (G. Bennett, JASA 57, 1962); v is `variance` or less, or the
    upper value is less, so that the lower one is far away.
    """
    b, v = positive_number("upper", upper), positive_number("variance", variance)
    members = tuple(TwoPoint(-w / u, u, w / (u**2 + w)) for u, w in ((b, v), (b, v * SHARE), (b * SHARE, v)))
    return Family("centred", (("upper", b), ("variance", v)), members, S.Zero, v)


def with_variance(mean: Any, variance: Any) -> Family:
    """All laws with this mean and variance: any two-point ones, the three-point ones of Chebyshev, the normal law."""
    m, s = finite_number("mean", mean), sqrt(positive_number("variance", variance))
    odds = sqrt(SHARE / (1 - SHARE))
    members = (
        TwoPoint(m - s * odds, m + s / odds, SHARE),
        Discrete((m - s / sqrt(SHARE), m, m + s / sqrt(SHARE)), (SHARE / 2, 1 - SHARE, SHARE / 2)),
        Normal(m, s),
    )
    return Family("with_variance", (("mean", m), ("variance", s**2)), members, m, s**2)


def nonnegative(mean: Any) -> Family:
    """All laws on [0, ∞) with this mean: two-point ones at 0 and mean/p (extremal for Markov), exponential."""
    m = positive_number("mean", mean)
    constant = TwoPoint(m, m + 1, (m - Abs(m)) / 2)  # there is none for m < 0
    members = (TwoPoint(S.Zero, m / SHARE, SHARE), Exponential(1 / m), constant)
    return Family("nonnegative", (("mean", m),), members, m)


def sub_gaussian(proxy: Any) -> Family:
    """All laws with mean 0 and E exp(λX) ≤ exp(λ² proxy / 2) for all λ."""
    s2 = positive_number("proxy", proxy)
    s = sqrt(s2)
    members = (Normal(S.Zero, s), TwoPoint(-s, s, HALF), Uniform(-sqrt(3) * s, sqrt(3) * s), constant_law(S.Zero))
    return Family("sub_gaussian", (("proxy", s2),), members, S.Zero)


def sub_gamma(variance_factor: Any, scale: Any) -> Family:
    """All laws with mean 0 and log E exp(λX) ≤ λ² v / (2(1 - cλ)) for 0 ≤ λ < 1/c.

    Members: centred gamma and Poisson laws, and the normal law (Boucheron, Lugosi and Massart 2013, Section 2.4); the
    constant; and a two-point law with upper value c/10, since Bernstein's inequality lets it be up to 3c.
    """
    v, c = positive_number("variance_factor", variance_factor), positive_number("scale", scale)
    members = (
        Affine(Gamma(v / c**2, 1 / c), S.One, -v / c),
        Affine(Poisson(v / (9 * c**2)), 3 * c, -v / (3 * c)),
        Normal(S.Zero, sqrt(v)),
        TwoPoint(-10 * v / c, c / 10, v / (c**2 / 100 + v)),
        constant_law(S.Zero),
    )
    return Family("sub_gamma", (("variance_factor", v), ("scale", c)), members, S.Zero)


def sub_exponential(variance_factor: Any, scale: Any) -> Family:
    """All laws with mean 0 and E exp(λX) ≤ exp(λ² v / 2) for |λ| ≤ 1/c.

    Members: normal and symmetric two-point laws, the constant, and ± the centred gamma law with shape 2v/c² and rate
    2/c, because -log(1 - x) - x ≤ x² for |x| ≤ 1/2.
    """
    v, c = positive_number("variance_factor", variance_factor), positive_number("scale", scale)
    members = (
        *(Affine(Gamma(2 * v / c**2, 2 / c), sign, -sign * v / c) for sign in (S.One, S.NegativeOne)),
        TwoPoint(-sqrt(v), sqrt(v), HALF),
        Normal(S.Zero, sqrt(v)),
        constant_law(S.Zero),
    )
    return Family("sub_exponential", (("variance_factor", v), ("scale", c)), members, S.Zero)


def constant_law(value: Expr) -> TwoPoint:
    """The law of a constant."""
    return TwoPoint(value, value + 1, S.Zero)


def opposite(law: Law) -> Law:
    """A member turned round: the free share p becomes 1 - p."""
    return law.at({SHARE: 1 - SHARE}) if SHARE in law.parameters else law
