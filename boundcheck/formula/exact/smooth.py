"""Statistics as functions of a variable with an analytic density."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from flint import acb, arb
from sympy import Abs, Expr, S, Symbol, sqrt

from boundcheck.formula.exact.continuous import BetaDistribution, GammaDistribution, NormalDistribution, UniformSum
from boundcheck.formula.exact.distribution import AffineImage, Distribution
from boundcheck.formula.exact.extremes import OrderStatistic
from boundcheck.formula.exact.growth import Growth
from boundcheck.formula.exact.half_lines import FunctionOf
from boundcheck.formula.exact.numbers import number
from boundcheck.statement.laws import VALUE

REAL = Symbol("z", real=True)
POSITIVE = Symbol("x", nonnegative=True)

Analytic = Callable[[acb, bool], acb]


@dataclass(frozen=True)
class Smooth:
    """A statistic written as `image` of `variable`, whose law is a standard one on (low, high)."""

    variable: Symbol
    image: Expr
    low: Expr
    high: Expr
    regular: Analytic
    """The density without a power of the variable."""
    below: Analytic
    """The distribution function."""
    bound: Growth | None
    """A bound of the density where its support is infinite."""
    shape: Expr = S.One
    """The density has the factor x^(shape - 1)."""

    def density(self, z: acb, analytic: bool) -> acb:
        """The density."""
        value = self.regular(z, analytic)
        return value if self.shape == 1 else value * power(z, arb(number(self.shape - 1)), analytic)

    @property
    def root(self) -> int:
        """A p such that the density of x^(1/p) has no singular end at 0."""
        shape = self.shape
        if shape.is_Rational and shape.q <= 4:
            return int(shape.q)
        return max(1, math.ceil(1 / float(shape)))


def smooth_of(distribution: Distribution) -> Smooth | None:
    """The statistic as a function of a standard normal, gamma or Beta variable, or of an order statistic of such."""
    if isinstance(distribution, AffineImage):
        inner = smooth_of(distribution.inner)
        return None if inner is None else replace(inner, image=distribution.scale * inner.image + distribution.shift)
    if isinstance(distribution, FunctionOf):
        inner = smooth_of(distribution.variable)
        if inner is None:
            return None
        return replace(inner, image=distribution.function.xreplace({VALUE: inner.image}))
    if isinstance(distribution, NormalDistribution):
        return _standard_normal(distribution)
    if isinstance(distribution, GammaDistribution):
        return _standard_gamma(distribution)
    if isinstance(distribution, BetaDistribution):
        return _beta(distribution.a, distribution.b, POSITIVE)
    if isinstance(distribution, UniformSum) and distribution.n == 1:
        return _beta(S.One, S.One, distribution.low + (distribution.high - distribution.low) * POSITIVE)
    if isinstance(distribution, OrderStatistic) and len(distribution.parts) == 1:
        return _order(distribution)
    return None


def _standard_normal(distribution: NormalDistribution) -> Smooth:
    def density(z: acb, analytic: bool) -> acb:
        return (-z * z / 2).exp() / (2 * arb.pi()).sqrt()

    def below(z: acb, analytic: bool) -> acb:
        return (-z / arb(2).sqrt()).erfc() / 2

    image = distribution.mean + sqrt(distribution.variance) * REAL
    bound = Growth(1 / (2 * arb.pi()).sqrt(), arb(0), arb(0), arb("-0.5"))
    return Smooth(REAL, image, -S.Infinity, S.Infinity, density, below, bound)


def _half_normal(distribution: Distribution) -> Smooth:
    """|Z| for a standard normal Z, times the standard deviation."""
    assert isinstance(distribution, NormalDistribution)
    whole = _standard_normal(distribution)
    assert whole.bound is not None

    def density(z: acb, analytic: bool) -> acb:
        return 2 * whole.regular(z, analytic)

    def below(z: acb, analytic: bool) -> acb:
        return (z / arb(2).sqrt()).erf()

    bound = whole.bound._replace(factor=2 * whole.bound.factor)
    return Smooth(POSITIVE, sqrt(distribution.variance) * POSITIVE, S.Zero, S.Infinity, density, below, bound)


def _standard_gamma(distribution: GammaDistribution) -> Smooth:
    shape = distribution.shape

    def density(x: acb, analytic: bool) -> acb:
        return (-x).exp() / arb(number(shape)).gamma()

    def below(x: acb, analytic: bool) -> acb:
        if shape == 1:
            return -(-x).expm1()
        if analytic and not x.real > 0:
            return acb(arb.nan())
        # The complement is much faster than the lower function of a large shape.
        return 1 - x.gamma_upper(arb(number(shape)), regularized=True)

    bound = Growth(1 / arb(number(shape)).gamma(), arb(number(shape)) - 1, arb(-1), arb(0))
    image = POSITIVE / distribution.rate
    return Smooth(POSITIVE, image, S.Zero, S.Infinity, density, below, bound, shape)


def _beta(a: Expr, b: Expr, image: Expr) -> Smooth | None:
    if not (b - 1).is_nonnegative:
        return None

    def density(x: acb, analytic: bool) -> acb:
        p, q = arb(number(a)), arb(number(b))
        return (p + q).gamma() / (p.gamma() * q.gamma()) * power(1 - x, q - 1, analytic)

    def below(x: acb, analytic: bool) -> acb:
        if a == b == 1:
            return x
        inside = x.real > 0 and 1 - x.real > 0
        return (
            x.beta_lower(arb(number(a)), arb(number(b)), regularized=True) if inside or not analytic else acb(arb.nan())
        )

    return Smooth(POSITIVE, image, S.Zero, S.One, density, below, None, a)


def _order(distribution: OrderStatistic) -> Smooth | None:
    [part], n, rank = distribution.parts, distribution.n, distribution.rank
    if isinstance(part, UniformSum):
        span = part.high - part.low
        return _beta(S(rank), S(n + 1 - rank), part.low + span * POSITIVE) if part.n == 1 else None
    if isinstance(part, FunctionOf):
        symmetric = isinstance(part.variable, NormalDistribution) and part.variable.mean == 0
        one = _half_normal(part.variable) if symmetric and part.function == Abs(VALUE) else None
    else:
        one = smooth_of(part)
    slope = None if one is None else one.image.diff(one.variable)
    if one is None or slope is None or not (slope.is_positive or slope.is_negative):
        return None
    rank = rank if slope.is_positive else n + 1 - rank
    ways = rank * math.comb(n, rank)

    def density(z: acb, analytic: bool) -> acb:
        below = one.below(z, analytic)
        return ways * below ** (rank - 1) * (1 - below) ** (n - rank) * one.regular(z, analytic)

    bound = None if one.bound is None else one.bound._replace(factor=ways * one.bound.factor)
    return replace(one, regular=density, bound=bound)


def power(x: acb, exponent: arb, analytic: bool) -> acb:
    """A real power, cut along the negative axis unless it is an integer."""
    whole = exponent.unique_fmpz()
    if whole is not None and exponent.is_exact():
        return x ** int(whole)
    return x.pow(exponent, analytic=analytic)
