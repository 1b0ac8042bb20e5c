"""Univariate polynomials with rational coefficients: exact, by counting real roots."""

from __future__ import annotations

import sympy
from sympy import Expr, Poly, oo

from boundcheck.formula.prover.boxes import Box, middle

_HIGHEST_DEGREE = 64
"""Counting the roots of a polynomial of degree 100 takes ten seconds."""


def degree(e: Expr) -> int:
    """A bound of the degree of a polynomial in symbols, functions and roots; of a quotient, the size of its powers."""
    if e.is_Add:
        return max(map(degree, e.args))
    if e.is_Mul:
        return sum(map(degree, e.args))
    if e.is_Pow and e.exp.is_Rational:
        return degree(e.base) * int(sympy.ceiling(abs(e.exp)))
    return 0 if e.is_Rational else 1


def nonnegative(f: Expr, box: Box) -> bool:
    """Whether a polynomial in one symbol is ≥ 0 on the box: no root of odd order inside, and positive at one point."""
    if len(box.sides) != 1:
        return False
    [(symbol, low, high)] = box.sides
    if f.free_symbols != {symbol} or degree(f) > _HIGHEST_DEGREE or not f.is_polynomial(symbol):
        return False
    if not all(c.is_Rational for c in Poly(f, symbol).coeffs()):
        return False
    poly = Poly(f, symbol, domain="QQ")
    odd = Poly(1, symbol, domain="QQ")
    for factor, order in poly.sqf_list()[1]:
        if order % 2:
            odd *= factor
    ends = (None if low == -oo else low, None if high == oo else high)
    inside = odd.count_roots(*ends) - sum(1 for end in ends if end is not None and odd.eval(end) == 0)
    centre, step = middle(low, high), 1
    while poly.eval(centre) == 0:
        step += 1
        centre = centre + (1 if high == oo else (high - centre) / step)
    return inside == 0 and bool(poly.eval(centre) > 0)
