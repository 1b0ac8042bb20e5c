"""SymPy expression → fast float function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from sympy import Expr, Float, Integer, Symbol, lambdify

from boundcheck.errors import InvalidArgument
from boundcheck.formula import gaussian_moments, series, special, spherical, walks
from boundcheck.formula.walk import Unknown, walked

_FUNCTIONS = {
    "Least": lambda *values: reduce(np.minimum, values),
    "Greatest": lambda *values: reduce(np.maximum, values),
    "BetaQuantile": np.vectorize(special.beta_quantile, otypes=[float]),
    "HypergeometricBound": np.vectorize(special.hypergeometric_bound, otypes=[float]),
    "MomentQuantile": np.vectorize(gaussian_moments.moment_quantile, otypes=[float]),
    "MomentTail": np.vectorize(gaussian_moments.moment_tail, otypes=[float]),
    "SparseQuantile": np.vectorize(gaussian_moments.sparse_quantile, otypes=[float]),
    "SphericalQuantile": np.vectorize(spherical.spherical_quantile, otypes=[float]),
    "SphericalTail": np.vectorize(spherical.spherical_tail, otypes=[float]),
    "WalkQuantile": walks.walk_quantile,
    "OrderedWalkQuantile": walks.ordered_walk_quantile,
    "SeriesQuantile": series.series_quantile,
    "floor": np.vectorize(special.exact_floor, otypes=[float]),
}


def compile_expression(expression: Expr, parameters: Sequence[Symbol]) -> Callable[..., Any]:
    """Compile an expression to a function of its parameters, in the order given.

    Parameters
    ----------
    expression
        An expression whose free symbols are among the parameters.
    parameters
        The function's arguments; numbers or NumPy arrays that broadcast.

    Returns
    -------
    A function that returns a float or an array of float64, NaN where a value is not real. Its relative error is of the
    order of 1e-13; use :func:`boundcheck.formula.rigorous.enclose` where it must be known.

    Raises
    ------
    InvalidArgument
        When a free symbol is not among the parameters.
    """
    missing = expression.free_symbols - set(parameters)
    if missing:
        raise InvalidArgument("parameters", list(parameters), f"lack {missing}", "pass every free symbol")
    # NumPy takes no integer beyond 64 bits.
    large = {i: Float(i, 17) for i in expression.atoms(Integer) if abs(i) >= 2**53}
    expression = expression.xreplace(large)
    compiled = lambdify(
        list(parameters), expression, modules=[_FUNCTIONS, "scipy", "numpy"], cse=True, docstring_limit=0
    )

    def function(*values: Any) -> Any:
        arrays = [np.asarray(v, dtype=float) for v in values]
        with np.errstate(all="ignore"):
            result = np.asarray(compiled(*arrays))
            if np.iscomplexobj(result):
                result = np.where(result.imag == 0, result.real, np.nan)
            result = result.astype(float)
        return float(result) if result.ndim == 0 else result

    return function


def evaluate(expression: Expr) -> float:
    """The float value of an expression without parameters."""
    return value_at(expression, {})


def value_at(expression: Expr, values: Mapping[Symbol, float]) -> float:
    """The float value of an expression with numbers for its parameters."""
    try:
        return walked(expression, values)
    except Unknown:  # parts that were evaluated may stand among the values by now
        symbols = {symbol: value for symbol, value in values.items() if symbol.is_Symbol}
        return float(compile_expression(expression, list(symbols))(*symbols.values()))
