"""Intervals that hold the values of an expression on a closed box, by interval arithmetic and a series for erfc."""

from __future__ import annotations

from typing import Any

import sympy
from mpmath import iv
from sympy import Expr, exp, log, oo

from boundcheck.formula.verify.boxes import Box


def enclose(e: Expr, box: Box) -> Any:
    """An interval that holds all values on the closed box, None where some are not known to be real."""
    if e.is_Rational:
        return interval(e, e)
    if e in box:
        return interval(*box[e])
    if e is sympy.pi or e is sympy.E:
        return iv.pi if e is sympy.pi else iv.e
    if e.is_Pow and e.base is not sympy.E and not e.exp.is_Integer:
        base = enclose(e.base, box)
        if base is None or base.a < 0 or (base.a == 0 and not (e.exp.is_Rational and e.exp > 0)):
            return None
        if e.exp.is_Rational and e.exp.q == 2:
            return iv.sqrt(base) ** int(e.exp.p)
        exponent = enclose(e.exp, box)
        return None if exponent is None or base.a == 0 else iv.exp(exponent * iv.log(base))
    values = [enclose(a, box) for a in ([e.exp] if e.is_Pow and e.base is sympy.E else e.args)]
    if not values or any(v is None for v in values):
        return None
    if e.is_Add or e.is_Mul:
        total = values[0]
        for value in values[1:]:
            total = total + value if e.is_Add else total * value
        return total
    if e.is_Pow and e.base is not sympy.E:
        return values[0] ** int(e.exp)
    return _enclose_function(exp if e.is_Pow else type(e), values[0])


def _enclose_function(f: type, x: Any) -> Any:
    if f is exp:
        return iv.exp(x)
    if f is log:
        return None if x.a < 0 or x.b == 0 else iv.log(x)
    if f in (sympy.sin, sympy.cos):
        return iv.sin(x) if f is sympy.sin else iv.cos(x)
    if f in (sympy.sinh, sympy.cosh):
        e = iv.exp(x)
        return (e - 1 / e) / 2 if f is sympy.sinh else (e + 1 / e) / 2
    if f is sympy.erfc:
        return iv.mpf([erfc(x.b).a, erfc(x.a).b])
    if f is sympy.erf:
        return 1 - iv.mpf([erfc(x.b).a, erfc(x.a).b])
    return None


def erfc(end: Any) -> Any:
    """erfc at an end of an interval: its alternating series up to 5, bounds by e^(-x²) beyond."""
    x = iv.mpf(end)
    if x.b < 0:
        return 2 - erfc(-x)
    if x.a > 5:
        # 0 < erfc(x) < e^(-x²) for x > 0.
        return iv.mpf([0, iv.exp(-x * x).b])
    term, total, k = x, x, 0
    # The terms fall in size from k > x² on; what is left out is then no larger than the next one.
    while k < 30 or abs(term).b > 2.0**-110:
        k += 1
        term = -term * x * x / k
        total += term / (2 * k + 1)
    size = abs(term).b
    return 1 - 2 / iv.sqrt(iv.pi) * (total + iv.mpf([-size, size]))


def interval(low: Expr, high: Expr) -> Any:
    """An interval that holds both ends, which are numbers and may be infinite."""

    def ball(end: Expr) -> Any:
        if end in (oo, -oo):
            return iv.mpf("inf" if end == oo else "-inf")
        return iv.mpf(int(end.p)) / int(end.q) if end.is_Rational else enclose(end, {})

    return iv.mpf([ball(low).a, ball(high).b])
