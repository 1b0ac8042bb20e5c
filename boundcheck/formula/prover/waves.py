"""Identities of sines and cosines, which the normal form takes for independent."""

from __future__ import annotations

import sympy
from sympy import Expr, cos, sin

from boundcheck.formula.prover.polynomials import degree

_HIGHEST_MULTIPLE, _HIGHEST_DEGREE = 8, 32


def expanded(e: Expr) -> Expr | None:
    """A numerator of the expression in sines and cosines of single angles, no sine squared; None without any."""
    if not e.has(sin, cos):
        return None
    numbers = [c for wave in e.atoms(sin, cos) for c in wave.args[0].as_coefficients_dict().values()]
    if any(abs(c) > _HIGHEST_MULTIPLE for c in numbers) or degree(e) > _HIGHEST_DEGREE:
        return None
    top = sympy.expand(sympy.expand_trig(sympy.fraction(sympy.together(e))[0]))
    squares = {p: (1 - cos(p.base.args[0]) ** 2) ** (p.exp // 2) * p.base ** (p.exp % 2) for p in _powers(top)}
    return sympy.expand(top.xreplace(squares))


def _powers(e: Expr) -> list[Expr]:
    return [p for p in e.atoms(sympy.Pow) if isinstance(p.base, sin) and p.exp.is_Integer and p.exp > 1]
