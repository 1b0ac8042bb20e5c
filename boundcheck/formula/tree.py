"""Expressions as nested lists: the plain-data format of certificates, rebuilt without any evaluation of text.

A symbol is ``["Symbol", name]``, a rational ``["Rational", numerator, denominator]`` with both as decimal strings, π is
``["pi"]``, e ``["E"]``, an infinite end ``["oo"]`` or ``["-oo"]``; all else is ``[function, argument, ...]``.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Basic

from boundcheck.errors import UnsupportedClaim

FUNCTIONS: dict[str, Any] = {
    "Add": sympy.Add,
    "Mul": sympy.Mul,
    "Pow": sympy.Pow,
    "exp": sympy.exp,
    "log": sympy.log,
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "atan": sympy.atan,
    "Abs": sympy.Abs,
    "Max": sympy.Max,
    "Min": sympy.Min,
    "Eq": sympy.Eq,
    "Le": sympy.Le,
    "Lt": sympy.Lt,
    "Ge": sympy.Ge,
    "Gt": sympy.Gt,
}
"""Everything that a certificate may speak about."""

_TOO_LONG = 10**4000
"""No number of a certificate is as large as this: Python refuses to read and print more than 4,300 digits."""
_CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "oo": sympy.oo, "-oo": -sympy.oo}
_NAMES: dict[Any, str] = {value: name for name, value in FUNCTIONS.items()} | {
    value: name for name, value in _CONSTANTS.items()
}


def too_long(e: Basic) -> bool:
    """Whether an expression or a relation holds a number of more than 4,000 digits."""
    return any(max(abs(int(a.p)), int(a.q)) >= _TOO_LONG for a in e.atoms(sympy.Rational))


def to_tree(e: Basic) -> list[Any]:
    """Write an expression or a relation as nested lists.

    Raises
    ------
    UnsupportedClaim
        When it holds a function that certificates do not know.

    Examples
    --------
    >>> to_tree(sympy.Symbol("x") + sympy.Rational(1, 6))
    ['Add', ['Rational', '1', '6'], ['Symbol', 'x']]
    """
    if e.is_Symbol:
        return ["Symbol", e.name]
    if e.is_Rational:
        if too_long(e):
            raise UnsupportedClaim("a number has more than 4,000 digits; rewrite the claim without it")
        return ["Rational", str(e.p), str(e.q)]
    name = _NAMES.get(e) if e.is_Atom else _NAMES.get(type(e))
    if name is None:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} cannot be proved; rewrite the claim without it")
    return [name, *(to_tree(a) for a in e.args)]
