"""Expectations as integrals with certified error (F. Johansson, Numerical integration in arbitrary precision, 2018)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from flint import acb, arb
from sympy import Abs, Expr, Max, Min, Symbol, ceiling, exp, floor, log

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.exact.growth import Growth, growth
from boundcheck.formula.exact.numbers import number
from boundcheck.formula.exact.smooth import Analytic, Smooth, power
from boundcheck.formula.rigorous import precision
from boundcheck.statement.functions import Greatest, Least

_BITS = 100
_ACCURACY = 50
_FARTHEST = 1 << 14
_EVALUATIONS = 20_000
_USELESS = arb(2) ** -30
"""Balls with a larger radius than this are not handed on."""


def average_by_quadrature(argument: Expr, statistic: Expr, smooth: Smooth) -> arb | None:
    """The expectation of an expression in a statistic, None where the tails of the integral cannot be bounded."""
    integrand = argument.xreplace({statistic: smooth.image})
    if not integrand.is_extended_real:
        return None
    with precision(_BITS):
        program = _compiled(integrand, smooth.variable)
        reach = 8
        while True:
            ends = _ends(smooth, reach)
            rest = _rest(integrand, smooth, reach)
            if rest is None or reach > _FARTHEST:
                return None
            # A tail that is a ball without end, or large, is not worth an integral.
            if rest < 1:
                value = _integral(program, smooth, *ends)
                if not value.is_finite() or value.rad() > _USELESS * abs(value).max(1):
                    return None
                if rest <= abs(value) * arb(2) ** -_ACCURACY or rest < arb(2) ** (-3 * _ACCURACY):
                    return value + arb(0, 1) * rest
            reach *= 2


def _ends(smooth: Smooth, reach: int) -> tuple[arb, arb]:
    low = arb(-reach) if smooth.low is -sympy.oo else arb(number(smooth.low))
    high = arb(reach) if smooth.high is sympy.oo else arb(number(smooth.high))
    return low, high


def _rest(integrand: Expr, smooth: Smooth, reach: int) -> arb | None:
    """An upper bound of the integral beyond ±reach."""
    total = arb(0)
    for side, end in ((1, smooth.high), (-1, smooth.low)):
        if end.is_finite:
            continue
        bound = growth(integrand, smooth.variable, side=side)
        if bound is None or smooth.bound is None:
            return None
        part = _tail(bound, smooth.bound, arb(reach))
        if part is None:
            return None
        total += part
    return total.upper()


def _tail(one: Growth, two: Growth, reach: arb) -> arb | None:
    """The integral of a product of bounds beyond `reach`, by the slope of its logarithm there."""
    both = Growth(one.factor * two.factor, *(a + b for a, b in zip(one[1:], two[1:], strict=True)))
    if not both.square <= 0:
        return None
    slope = both.power.max(arb(0)) / reach + both.linear + 2 * both.square * reach
    if not both.linear < 0 and not both.square < 0:
        return None
    return both.at(reach) / -slope if slope < 0 else arb.pos_inf()


def _integral(program: Analytic, smooth: Smooth, low: arb, high: arb) -> arb:
    p = smooth.root
    exponent = p * arb(number(smooth.shape)) - 1

    def whole(u: acb, analytic: bool) -> acb:
        if p == 1 and smooth.shape == 1:
            return program(u, analytic) * smooth.regular(u, analytic)
        # The density of u = x^(1/p).
        x = u**p
        return p * power(u, exponent, analytic) * program(x, analytic) * smooth.regular(x, analytic)

    end, tolerance = high.root(p) if p > 1 else high, arb(2) ** -_ACCURACY
    return acb.integral(whole, low, end, rel_tol=tolerance, eval_limit=_EVALUATIONS).real


def _compiled(e: Expr, variable: Symbol) -> Analytic:
    """The expression as a function on the complex plane that is analytic piece by piece."""
    if e == variable:
        return lambda z, analytic: z
    if not e.has(variable):
        constant = acb(arb(number(e)))
        return lambda z, analytic: constant
    if e.is_Pow and e.exp.is_Integer:
        base, n = _compiled(e.base, variable), int(e.exp)
        return lambda z, analytic: base(z, analytic) ** n
    if e.is_Pow and e.exp == sympy.S.Half:
        base = _compiled(e.base, variable)
        return lambda z, analytic: base(z, analytic).sqrt(analytic=analytic)
    if e.is_Pow and not e.exp.has(variable):
        base, power = _compiled(e.base, variable), acb(arb(number(e.exp)))
        return lambda z, analytic: base(z, analytic).pow(power, analytic=analytic)
    parts = [_compiled(a, variable) for a in e.args]
    operation = next((f for kinds, f in _OPERATIONS.items() if isinstance(e, kinds)), None)
    if operation is None:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} has no exact expectation; rewrite the claim without it")

    def folded(z: acb, analytic: bool) -> acb:
        total = parts[0](z, analytic)
        if len(parts) == 1:
            return operation(total, total, analytic)
        for part in parts[1:]:
            total = operation(total, part(z, analytic), analytic)
        return total

    return folded


_OPERATIONS: Mapping[type | tuple[type, ...], Callable[[acb, acb, bool], acb]] = {
    sympy.Add: lambda a, b, _: a + b,
    sympy.Mul: lambda a, b, _: a * b,
    (Max, Greatest): lambda a, b, analytic: a.real_max(b, analytic=analytic),
    (Min, Least): lambda a, b, analytic: a.real_min(b, analytic=analytic),
    Abs: lambda a, _, analytic: a.real_abs(analytic=analytic),
    exp: lambda a, *_: a.exp(),
    log: lambda a, _, analytic: a.log(analytic=analytic),
    floor: lambda a, _, analytic: a.real_floor(analytic=analytic),
    ceiling: lambda a, _, analytic: a.real_ceil(analytic=analytic),
    sympy.sin: lambda a, *_: a.sin(),
    sympy.cos: lambda a, *_: a.cos(),
    sympy.sinh: lambda a, *_: a.sinh(),
    sympy.cosh: lambda a, *_: a.cosh(),
    sympy.tanh: lambda a, *_: a.tanh(),
    sympy.erf: lambda a, *_: a.erf(),
    sympy.erfc: lambda a, *_: a.erfc(),
}
