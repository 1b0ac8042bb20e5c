"""Identities of sines and cosines, which are generators of their own to the algebra."""

from __future__ import annotations

import sympy
from sympy import Expr, Poly, cos, sin

_HIGHEST_MULTIPLE = 8


def single_angles(e: Expr) -> Expr:
    """A numerator of the expression by the addition theorems, reduced by sin² = 1 - cos²."""
    for wave in e.atoms(sin, cos):
        if any(abs(c) > _HIGHEST_MULTIPLE for c in wave.args[0].as_coefficients_dict().values()):
            return e
    top = sympy.expand(sympy.expand_trig(sympy.numer(sympy.together(e))))
    for wave in sorted(top.atoms(sin), key=str):
        if top.is_polynomial(wave):
            top = sympy.rem(Poly(top, wave), Poly(wave**2 + cos(wave.args[0]) ** 2 - 1, wave)).as_expr()
    return sympy.expand(top)
