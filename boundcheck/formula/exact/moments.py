"""Expectations of polynomials in a sum of independent variables, from the moments of each of them."""

from __future__ import annotations

import math
from collections import Counter

from flint import fmpq, fmpz
from sympy import Expr, Integer, Poly

from boundcheck.formula.exact.continuous import GammaDistribution, UniformSum
from boundcheck.formula.exact.distribution import Distribution
from boundcheck.formula.exact.extremes import OrderStatistic
from boundcheck.formula.exact.known import distribution_of, finite_values
from boundcheck.formula.exact.numbers import Number, number
from boundcheck.statement.laws import VALUE, Affine, Beta, Exponential, Gamma, Law, Normal, Poisson, Uniform
from boundcheck.statement.randomness import Sample, Statistic

_HIGHEST = 40


def average_of_polynomial(argument: Expr, statistic: Statistic) -> Number | None:
    """The mean of a polynomial in a sum of independent variables, or in a statistic with one of the laws here."""
    if type(statistic.sample) is not Sample or not argument.is_polynomial(statistic):
        return None
    coefficients = Poly(argument, statistic).all_coeffs()[::-1]
    moments = _moments_of(statistic, len(coefficients) - 1)
    if moments is None:
        return None
    return sum((number(c) * m for c, m in zip(coefficients, moments, strict=True)), fmpq(0))


def _moments_of(statistic: Statistic, degree: int) -> list[Number] | None:
    """E s^k for k = 0, …, degree."""
    sample, n = statistic.sample, int(statistic.sample.size)
    if degree > _HIGHEST:
        return None
    if statistic.kind in ("sum", "mean"):
        groups = {sample.laws[0]: n} if sample.identical else dict(Counter(sample.laws))
        found = _moments_of_sum(groups, sample.function, degree)
        return [m / fmpz(n) ** k for k, m in enumerate(found)] if found and statistic.kind == "mean" else found
    if statistic.kind == "variance" and degree == 1 and n > 1 and sample.identical:
        moments = _moments(sample.laws[0], sample.function, 2)
        return None if moments is None else [fmpq(1), moments[2] - moments[1] ** 2]
    distribution = distribution_of(statistic)
    law = None if distribution is None else _law_of(distribution)
    return None if law is None else _moments(law, VALUE, degree)


def _law_of(distribution: Distribution) -> Law | None:
    """The continuous law of a statistic, where it is one of the laws here."""
    if isinstance(distribution, GammaDistribution):
        return Gamma(distribution.shape, distribution.rate)
    if isinstance(distribution, OrderStatistic) and len(distribution.parts) == 1:
        [part], n, rank = distribution.parts, distribution.n, distribution.rank
        if isinstance(part, UniformSum) and part.n == 1:
            return Affine(Beta(Integer(rank), Integer(n + 1 - rank)), part.high - part.low, part.low)
    return None


def _moments_of_sum(groups: dict[Law, int], function: Expr, degree: int) -> list[Number] | None:
    """E S^k for k = 0, …, degree."""
    total: list[Number] = [fmpq(int(k == 0)) for k in range(degree + 1)]
    for law, n in groups.items():
        moments = _moments(law, function, degree)
        if moments is None:
            return None
        power = [m / math.factorial(k) for k, m in enumerate(moments)]
        while n:
            if n % 2:
                total = _product(total, power)
            power, n = _product(power, power), n // 2
    return [m * math.factorial(k) for k, m in enumerate(total)]


def _product(a: list[Number], b: list[Number]) -> list[Number]:
    return [sum((a[i] * b[k - i] for i in range(k + 1)), fmpq(0)) for k in range(len(a))]


def _moments(law: Law, function: Expr, degree: int) -> list[Number] | None:
    """E f(X)^k for k = 0, …, degree."""
    finite = finite_values(law)
    if finite is not None:
        pairs = [(number(function.xreplace({VALUE: v})), number(p)) for v, p in finite.items()]
        return [sum((p * v**k for v, p in pairs), fmpq(0)) for k in range(degree + 1)]
    if not function.is_polynomial(VALUE):
        return None
    powers = [Poly(function**k, VALUE).all_coeffs()[::-1] for k in range(degree + 1)]
    raw = [_moment(law, j) for j in range(max(len(p) for p in powers))]
    known = [m for m in raw if m is not None]
    if len(known) < len(raw):
        return None
    return [sum((number(c) * m for c, m in zip(p, known, strict=False)), fmpq(0)) for p in powers]


def _moment(law: Law, k: int) -> Number | None:
    """E X^k."""
    if k == 0:
        return fmpq(1)
    if isinstance(law, Affine):
        scale, shift = number(law.scale), number(law.shift)
        inner = [_moment(law.law, j) for j in range(k + 1)]
        parts = [math.comb(k, j) * m * scale**j * shift ** (k - j) for j, m in enumerate(inner) if m is not None]
        return sum(parts, fmpq(0)) if len(parts) == len(inner) else None
    if isinstance(law, Uniform):
        low, high = number(law.low), number(law.high)
        return sum((low**j * high ** (k - j) for j in range(k + 1)), fmpq(0)) / (k + 1)
    if isinstance(law, Normal):
        mean, variance = number(law.location), number(law.variance)
        return sum(
            (math.comb(k, 2 * i) * _odd_factorial(i) * mean ** (k - 2 * i) * variance**i for i in range(k // 2 + 1)),
            fmpq(0),
        )
    if isinstance(law, Exponential):
        return math.factorial(k) / number(law.rate) ** k
    if isinstance(law, Gamma):
        return _rising(number(law.shape), k) / number(law.rate) ** k
    if isinstance(law, Beta):
        return _rising(number(law.a), k) / _rising(number(law.a + law.b), k)
    if isinstance(law, Poisson):
        return sum((fmpz.stirling_s2(k, i) * number(law.rate) ** i for i in range(k + 1)), fmpq(0))
    return None


def _odd_factorial(i: int) -> int:
    """1·3·5⋯(2i - 1)."""
    return math.prod(range(1, 2 * i, 2))


def _rising(a: Number, k: int) -> Number:
    return math.prod((a + j for j in range(k)), start=fmpq(1))
