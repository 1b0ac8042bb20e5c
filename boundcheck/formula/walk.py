"""The float value of an expression at numbers by one walk over it: compiling it would take far longer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr

from boundcheck.formula import gaussian_moments, series, special, spherical, walks
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    MomentTail,
    OrderedWalkQuantile,
    SeriesQuantile,
    SparseQuantile,
    SphericalQuantile,
    SphericalTail,
    WalkQuantile,
)


class Unknown(Exception):
    """An expression holds something that the walk has no float for."""


def _exact_floor(x: float) -> float:
    return float(special.exact_floor(x)) if math.isfinite(x) else math.nan


def _smallest(*values: float) -> float:
    return math.nan if any(math.isnan(v) for v in values) else min(values)


def _largest(*values: float) -> float:
    return math.nan if any(math.isnan(v) for v in values) else max(values)


_FUNCTIONS: dict[Any, Callable[..., float]] = {
    sympy.exp: math.exp,
    sympy.log: math.log,
    sympy.Abs: abs,
    sympy.erf: math.erf,
    sympy.erfc: math.erfc,
    sympy.sinh: math.sinh,
    sympy.cosh: math.cosh,
    sympy.tanh: math.tanh,
    sympy.Min: _smallest,
    sympy.Max: _largest,
    sympy.floor: _exact_floor,
    Least: _smallest,
    Greatest: _largest,
    BetaQuantile: special.beta_quantile,
    HypergeometricBound: special.hypergeometric_bound,
    MomentQuantile: gaussian_moments.moment_quantile,
    MomentTail: gaussian_moments.moment_tail,
    SparseQuantile: gaussian_moments.sparse_quantile,
    SphericalQuantile: spherical.spherical_quantile,
    SphericalTail: spherical.spherical_tail,
    WalkQuantile: lambda *values: float(walks.walk_quantile(*values)),
    OrderedWalkQuantile: lambda *values: float(walks.ordered_walk_quantile(*values)),
    SeriesQuantile: lambda *values: float(series.series_quantile(*values)),
}


def walked(expression: Expr, values: Mapping[Any, float] | None = None) -> float:
    """The value with numbers for its symbols.

    Parameters
    ----------
    values
        Numbers for symbols; what was evaluated is added to it, so that several expressions can share their parts.

    Raises
    ------
    Unknown
        When it holds a function or an atom that is not in the table above, or a value is infinite or not real.
    """
    memo: dict[Any, float] = values if isinstance(values, dict) else dict(values or {})

    def value(e: Expr) -> float:
        found = memo.get(e)
        if found is None:
            found = memo[e] = _value(e)
        return found

    def _value(e: Expr) -> float:
        if e.is_Rational:
            return int(e.p) / int(e.q)
        if e.is_Add:
            return math.fsum(map(value, e.args)) if len(e.args) > 2 else value(e.args[0]) + value(e.args[1])
        if e.is_Mul:
            return math.prod(map(value, e.args))
        if e.is_Pow:
            return _power(e)
        if e.is_number and e.is_Atom:
            return float(e)
        function = _FUNCTIONS.get(type(e))
        if function is None:
            raise Unknown(str(e))
        return function(*map(value, e.args))

    def _power(e: Expr) -> float:
        base, exponent = e.args
        if base is sympy.E:
            return math.exp(value(exponent))
        if exponent is sympy.S.Half:
            return math.sqrt(value(base))
        number = value(base) ** value(exponent)
        if isinstance(number, complex):
            raise ValueError(number)
        return number

    try:
        return value(expression)
    except (OverflowError, ZeroDivisionError, ValueError):
        raise Unknown(str(expression)) from None  # NumPy has infinities there
