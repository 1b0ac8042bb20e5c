"""Expectations of expressions in statistics, by the first means that applies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flint import arb, fmpq
from sympy import Expr, Integer, Poly, S, exp, log

from boundcheck.errors import BoundcheckError
from boundcheck.formula.exact.continuous import GammaDistribution, NormalDistribution
from boundcheck.formula.exact.enumeration import average_by_enumeration
from boundcheck.formula.exact.known import distribution_of
from boundcheck.formula.exact.moments import average_of_polynomial
from boundcheck.formula.exact.numbers import BITS, Number, number, sign_of
from boundcheck.formula.exact.quadrature import average_by_quadrature
from boundcheck.formula.exact.smooth import smooth_of
from boundcheck.formula.exact.spaces import space_of
from boundcheck.formula.rigorous import precision
from boundcheck.statement.laws import Affine, Exponential, Gamma, Law
from boundcheck.statement.randomness import Sample, Statistic


def average_of(argument: Expr) -> Number | None:
    """The mean of an expression without expectations inside; infinite where it is, None where no means applies."""
    if not argument.atoms(Statistic):
        return number(argument)
    constant, rest = argument.as_independent(*argument.atoms(Statistic), as_Add=False)
    if constant != 1:
        inner = average_of(rest)
        return None if inner is None else _finite_product(number(constant), inner)
    for means in _MEANS:
        try:
            with precision(BITS):
                value = means(argument)
        except BoundcheckError:
            continue
        if value is not None and (isinstance(value, fmpq) or not value.is_nan()):
            return value
    return None


def _finite_product(factor: Number, value: Number) -> Number | None:
    if isinstance(value, fmpq) or value.is_finite():
        return factor * value
    return None if not factor > 0 and not factor < 0 else value if factor > 0 else -value


def _by_moments(argument: Expr) -> Number | None:
    statistics = argument.atoms(Statistic)
    return average_of_polynomial(argument, *statistics) if len(statistics) == 1 else None


def _by_enumeration(argument: Expr) -> Number | None:
    space = space_of(argument)
    return None if space is None else average_by_enumeration(space, argument)


def _by_generating_function(argument: Expr) -> Number | None:
    """E exp(λS + c) for a sum S of independent variables: a product."""
    statistics = argument.atoms(Statistic)
    if not isinstance(argument, exp) or len(statistics) > 1:
        return None
    [statistic] = statistics
    sample = statistic.sample
    exponent = argument.args[0].expand()
    if type(sample) is not Sample or statistic.kind not in ("sum", "mean") or not exponent.is_polynomial(statistic):
        return None
    poly = Poly(exponent, statistic)
    if poly.degree() != 1:
        return None
    slope, constant = poly.all_coeffs()
    slope = slope / sample.size if statistic.kind == "mean" else slope
    alone = int(sample.size) == 1
    total: Number = arb(number(constant)).exp() if constant != 0 else fmpq(1)
    for law, n in ({sample.laws[0]: int(sample.size)} if sample.identical else Counter(sample.laws)).items():
        factor = _generating_function(law, sample.function, slope, alone=alone)
        if factor is None:
            return None
        if isinstance(factor, arb) and factor == arb.pos_inf():
            return factor
        total = total * factor**n
    return total


def _generating_function(law: Law, function: Expr, slope: Expr, *, alone: bool) -> Number | None:
    """E exp(slope·f(X)); where it has no closed form by the other means, which come next when X is `alone`."""
    image = law.image(function)
    mgf = None if image is None else image.mgf(slope)
    if mgf is None:
        if alone:
            return None
        return average_of(exp(slope * Statistic("sum", Sample((law,), Integer(1), function))))
    assert image is not None
    scale = image.scale if isinstance(image, Affine) else S.One
    core = image.law if isinstance(image, Affine) else image
    if isinstance(core, Exponential | Gamma):
        below = sign_of(core.rate - slope * scale)
        if below != 1:
            return None if below is None else arb.pos_inf()
    return number(mgf)


def _by_gaussian_integral(argument: Expr) -> Number | None:
    """E exp(αS² + βS + γ) for a normal S."""
    statistics = argument.atoms(Statistic)
    if not isinstance(argument, exp) or len(statistics) > 1:
        return None
    [statistic] = statistics
    distribution = distribution_of(statistic)
    exponent = argument.args[0].expand()
    if not isinstance(distribution, NormalDistribution) or not exponent.is_polynomial(statistic):
        return None
    mean, variance = distribution.mean, distribution.variance
    poly = Poly(exponent.xreplace({statistic: mean + statistic}).expand(), statistic)
    if poly.degree() != 2:
        return None
    square, linear, constant = poly.all_coeffs()
    room = 1 - 2 * square * variance
    sign = sign_of(room)
    if sign != 1:
        return None if sign is None else arb.pos_inf()
    left = arb(number(room))
    return (arb(number(constant)) + arb(number(linear**2 * variance)) / (2 * left)).exp() / left.sqrt()


def _by_gamma_function(argument: Expr) -> Number | None:
    """E S^q = Γ(k + q) / (Γ(k) rate^q) and E log S = ψ(k) - log rate for a gamma variable S."""
    statistics = argument.atoms(Statistic)
    if len(statistics) > 1 or not argument.args or argument.args[0] not in statistics:
        return None
    distribution = distribution_of(argument.args[0])
    if not isinstance(distribution, GammaDistribution):
        return None
    k, rate = arb(number(distribution.shape)), arb(number(distribution.rate))
    if isinstance(argument, log):
        return k.digamma() - rate.log()
    if not argument.is_Pow or not argument.exp.is_number:
        return None
    sign = sign_of(distribution.shape + argument.exp)
    if sign != 1:
        return None if sign is None else arb.pos_inf()
    q = arb(number(argument.exp))
    return ((k + q).lgamma() - k.lgamma() - q * rate.log()).exp()


def _by_quadrature(argument: Expr) -> Number | None:
    statistics = argument.atoms(Statistic)
    if len(statistics) > 1:
        return None
    [statistic] = statistics
    distribution = distribution_of(statistic)
    smooth = None if distribution is None else smooth_of(distribution)
    return None if smooth is None else average_by_quadrature(argument, statistic, smooth)


def _by_terms(argument: Expr) -> Number | None:
    """The sum of the means of the terms, where none of them is infinite."""
    expanded = argument.expand(power_exp=False, power_base=False, log=False)
    if not expanded.is_Add:
        return average_of(expanded) if expanded != argument else None
    total: Number = fmpq(0)
    for term in expanded.args:
        part = average_of(term)
        if part is None:
            return None
        total = total + part
    return total


_MEANS: tuple[Callable[[Expr], Number | None], ...] = (
    _by_moments,
    _by_generating_function,
    _by_gaussian_integral,
    _by_gamma_function,
    _by_enumeration,
    _by_quadrature,
    _by_terms,
)
