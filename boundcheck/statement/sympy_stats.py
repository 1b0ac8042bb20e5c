"""Random symbols of sympy.stats, read as one variable of the law that they name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from sympy import Basic, Expr, Rational, S

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement import laws
from boundcheck.statement.laws import Law
from boundcheck.statement.randomness import Sample, sum_of

B = TypeVar("B", bound=Basic)


def _bernoulli(p: Expr, success: Expr, failure: Expr) -> Law:
    if (success - failure).is_positive:
        return laws.two_point(failure, success, p)
    return laws.two_point(success, failure, 1 - p)


def _die(sides: Expr) -> Law:
    if not sides.is_Integer:
        raise InvalidArgument("sides", sides, "is no number", "roll a die of so many sides as a number says")
    return laws.discrete({k: Rational(1, sides) for k in range(1, int(sides) + 1)})


_LAWS: dict[str, Callable[..., Law]] = {
    "NormalDistribution": laws.normal,
    "UniformDistribution": laws.uniform,
    "ExponentialDistribution": laws.exponential,
    "GammaDistribution": lambda shape, scale: laws.gamma(shape, 1 / scale),
    "ChiSquaredDistribution": laws.chi_squared,
    "BetaDistribution": laws.beta,
    "PoissonDistribution": laws.poisson,
    "BernoulliDistribution": _bernoulli,
    "RademacherDistribution": laws.rademacher,
    "HypergeometricDistribution": laws.hypergeometric,
    "FiniteDistributionHandmade": lambda table: laws.discrete(dict(table)),
    "DieDistribution": _die,
    "DiscreteUniformDistribution": lambda *values: laws.discrete({v: Rational(1, len(values)) for v in values}),
}


def translated(expression: B) -> B:
    """The expression with a random symbol of sympy.stats replaced by the statistic that it stands for.

    Raises
    ------
    UnsupportedClaim
        When there are several of them (whose dependence a symbol does not tell), or the law is not known here.
    """
    if "sympy.stats" not in sys.modules:  # then nobody has made one
        return expression
    from sympy.stats.rv import RandomSymbol

    symbols = sorted(expression.atoms(RandomSymbol), key=str)
    if not symbols:
        return expression
    if len(symbols) > 1:
        raise UnsupportedClaim(
            f"{', '.join(map(str, symbols))} are several random symbols; write iid(law, n) or independent(law, …)"
        )
    return expression.xreplace({symbols[0]: _statistic(symbols[0])})


def _statistic(symbol: Any) -> Expr:
    from sympy.stats.rv import RandomSymbol

    distribution = getattr(symbol.pspace, "distribution", None)
    name = type(distribution).__name__
    arguments: tuple[Any, ...] = getattr(distribution, "args", ())
    if any(argument.atoms(RandomSymbol) for argument in arguments):
        raise UnsupportedClaim(f"the law of {symbol} is random itself; use a law whose parameters are numbers")
    if name == "BinomialDistribution":
        n, p, success, failure = arguments
        counted = sum_of(Sample((laws.bernoulli(p),), n))
        return failure * n + (success - failure) * counted
    if name not in _LAWS:
        raise UnsupportedClaim(f"the law {name} of {symbol} is not known here; use one of boundcheck's laws")
    return sum_of(Sample((_LAWS[name](*arguments),), S.One))
