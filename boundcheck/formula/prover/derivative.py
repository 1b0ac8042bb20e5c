"""Partial derivatives by the plain rules; SymPy's own ask its assumption system at every step, which is slow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Symbol, exp, log

from boundcheck.errors import UnsupportedClaim

_OUTER: dict[Any, Any] = {
    log: lambda a: 1 / a,
    sympy.erf: lambda a: 2 / sympy.sqrt(sympy.pi) * exp(-(a**2)),
    sympy.erfc: lambda a: -2 / sympy.sqrt(sympy.pi) * exp(-(a**2)),
    sympy.sinh: sympy.cosh,
    sympy.cosh: sympy.sinh,
    sympy.tanh: lambda a: 1 - sympy.tanh(a) ** 2,
    sympy.sin: sympy.cos,
    sympy.cos: lambda a: -sympy.sin(a),
    sympy.atan: lambda a: 1 / (1 + a**2),
}


@lru_cache(maxsize=20000)
def derivative(e: Expr, symbol: Symbol) -> Expr:
    """∂e/∂symbol."""
    if symbol not in e.free_symbols:
        return Integer(0)
    if e.is_Symbol:
        return Integer(1)
    if e.is_Add:
        return Add(*(derivative(a, symbol) for a in e.args))
    if e.is_Mul:
        moving = [a for a in e.args if symbol in a.free_symbols]
        return Add(*(Mul(derivative(a, symbol), *(b for b in e.args if b is not a)) for a in moving))
    if isinstance(e, exp):
        return e * derivative(e.args[0], symbol)
    if e.is_Pow:
        base, exponent = e.args
        if symbol not in exponent.free_symbols:
            return exponent * Pow(base, exponent - 1) * derivative(base, symbol)
        return e * derivative(exponent * log(base), symbol)
    outer = _OUTER.get(type(e))
    if outer is None:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} cannot be proved; rewrite the claim without it")
    [argument] = e.args
    return outer(argument) * derivative(argument, symbol)
