"""Limits of expressions at the faces of a box."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Symbol, exp, log, oo

from boundcheck.formula.verify.boxes import Box, face_of
from boundcheck.formula.verify.signs import ENTIRE, algebra, analytic, definite, positive


def limit(e: Expr, symbol: Symbol, end: Expr, box: Box) -> Expr | None:
    """The limit at an end of a side over the open face: continuous there, or ±oo; None where unknown."""
    value = _direct_limit(e, symbol, end, box)
    low = box[symbol][0]
    if value is not None or end != oo or low < 0:
        return value
    near = box | {symbol: (Integer(0), 1 / low if low > 0 else oo)}
    forms = algebra(near)
    inverted = forms.back(forms.cancelled(e.xreplace({symbol: 1 / symbol})))
    return _direct_limit(inverted, symbol, Integer(0), near)


def _direct_limit(e: Expr, symbol: Symbol, end: Expr, box: Box) -> Expr | None:
    face = face_of(box, symbol)
    if symbol not in e.free_symbols:
        return e if analytic(e, face) else None
    if e == symbol:
        return end
    if e.is_Pow and e.base is not sympy.E and not e.exp.is_Rational:
        return _direct_limit(exp(e.exp * log(e.base), evaluate=False), symbol, end, box)
    if e.is_Mul and end == 0:
        moving = sympy.Mul(*(a for a in e.args if symbol in a.free_symbols))
        powers = moving.as_powers_dict()
        if set(powers) == {symbol, log(symbol)} and powers[symbol].is_Rational and powers[symbol] > 0:
            return Integer(0) if analytic(e / moving, face) else None
    found = [_direct_limit(a, symbol, end, box) for a in ([e.exp] if e.is_Pow and e.base is sympy.E else e.args)]
    values = [v for v in found if v is not None]
    if len(values) < len(found):
        return None
    infinite = [v for v in values if v in (oo, -oo)]
    if e.is_Add:
        return sympy.Add(*values) if not infinite else infinite[0] if len(set(infinite)) == 1 else None
    if e.is_Mul:
        finite = sympy.Mul(*(v for v in values if v not in infinite))
        known = definite(finite, face) if infinite else None
        if not infinite:
            return finite
        return sympy.Mul(*infinite) * known[0] if known is not None and known[1] else None
    if e.is_Pow and e.base is not sympy.E:
        return _limit_of_power(e, values[0], face, box)
    return _limit_of_function(exp if e.is_Pow else type(e), values[0], face)


def _limit_of_power(e: Expr, value: Expr, face: Box, box: Box) -> Expr | None:
    n = e.exp
    if value in (oo, -oo):
        if n < 0:
            return Integer(0)
        return value if n % 2 == 1 else oo if value == oo or n.is_Integer else None
    if n > 0 and (n.is_Integer or value == 0):
        return value**n
    known = definite(e, box) if value == 0 else definite(value, face)
    if known is None or not known[1]:
        return None
    return oo * known[0] if value == 0 else value**n if n.is_Integer or known[0] > 0 else None


def _limit_of_function(f: type, value: Expr, face: Box) -> Expr | None:
    if f is log:
        if value in (0, oo):
            return oo if value == oo else -oo
        return log(value) if value != -oo and positive(value, face) else None
    if value not in (oo, -oo):
        return f(value) if f in ENTIRE else None
    right_angle = sympy.pi / 2
    table = {exp: (oo, 0), sympy.erf: (1, -1), sympy.erfc: (0, 2), sympy.tanh: (1, -1)}
    table[sympy.atan] = right_angle, -right_angle
    return sympy.sympify(table[f][value == -oo]) if f in table else None
