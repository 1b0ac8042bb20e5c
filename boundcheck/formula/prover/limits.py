"""Where an expression is analytic, and what it tends to at a face of the box."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr, Integer, Symbol, oo

from boundcheck.formula.prover.algebra import definite, expression, factors
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.rigorous import Unwieldy, built

_ENTIRE = (sympy.exp, sympy.erf, sympy.erfc, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan)
_AT_INFINITY = {sympy.erf: (-1, 1), sympy.erfc: (2, 0), sympy.tanh: (-1, 1)}


@lru_cache(maxsize=20000)
def regular(e: Expr, box: Box) -> bool:
    """Whether the expression is analytic on the open box: no pole, no logarithm or root at or below 0."""
    if e.is_Atom:
        return bool(e.is_real)
    if not all(regular(a, box) for a in e.args):
        return False
    if e.is_Add or e.is_Mul or isinstance(e, _ENTIRE):
        return True
    if isinstance(e, sympy.log):
        return _positive(e.args[0], box)
    if e.is_Pow:
        base, exponent = e.args
        if base is sympy.E or (exponent.is_Integer and exponent >= 0):
            return True
        if exponent.is_Integer:
            known = definite(base, box)
            return known is not None and known.strict
        return _positive(base, box)
    return False


def _positive(e: Expr, box: Box) -> bool:
    known = definite(e, box)
    return known is not None and known.value > 0 and known.strict


def limit(e: Expr, symbol: Symbol, end: Expr, box: Box) -> Expr | None:
    """The limit as one symbol tends to an end of its side, for all other symbols on the open face.

    Returns
    -------
    An expression that is continuous on the face, ±oo, or None where the rules do not tell the limit.
    """
    value = _direct(e, symbol, end, box)
    low = box.ends[symbol][0]
    if value is not None or end != oo or low < 0:
        return value
    # In 1/x the normal form cancels what is ∞ - ∞ in x: log(x + 1) - log(x) is log(1 + 1/x).
    near = box.restrict(symbol, Integer(0), 1 / low if low > 0 else oo)
    try:
        inverted = expression(factors(e.xreplace({symbol: 1 / symbol}), near))
    except Unwieldy:
        return None
    return _direct(inverted, symbol, Integer(0), near)


def _direct(e: Expr, symbol: Symbol, end: Expr, box: Box) -> Expr | None:
    if symbol not in e.free_symbols:
        return e if regular(e, box.face(symbol)) else None
    if e == symbol:
        return end
    if e.is_Mul:
        return _of_product(e, symbol, end, box)
    if e.is_Pow and e.base is not sympy.E and not e.exp.is_Rational:
        return _direct(sympy.exp(e.exp * sympy.log(e.base), evaluate=False), symbol, end, box)
    inner = [_direct(a, symbol, end, box) for a in ([e.exp] if e.is_Pow and e.base is sympy.E else e.args)]
    values = [v for v in inner if v is not None]
    if len(values) < len(inner):
        return None
    if e.is_Add:
        infinite = {v for v in values if v in (oo, -oo)}
        return None if len(infinite) > 1 else infinite.pop() if infinite else sympy.Add(*values)
    if e.is_Pow and e.base is not sympy.E:
        return _of_power(e, values[0], box, symbol)
    return _of_function(sympy.exp if e.is_Pow else type(e), values[0], box.face(symbol))


def _of_function(f: type, value: Expr, face: Box) -> Expr | None:
    if f is sympy.log:
        if value == oo:
            return oo
        return -oo if value == 0 else sympy.log(value) if value != -oo and _positive(value, face) else None
    if value not in (oo, -oo):
        return built(f, value) if f in _ENTIRE else None
    if f is sympy.exp:
        return oo if value == oo else Integer(0)
    if f is sympy.atan:
        return sympy.pi / 2 * (1 if value == oo else -1)
    if f in _AT_INFINITY:
        return Integer(_AT_INFINITY[f][value == oo])
    return None


def _of_power(e: Expr, value: Expr, box: Box, symbol: Symbol) -> Expr | None:
    exponent = e.exp
    if value in (oo, -oo):
        if exponent < 0:
            return Integer(0)
        return oo if value == oo or exponent % 2 == 0 else -oo if exponent.is_Integer else None
    if value == 0:
        if exponent > 0:
            return Integer(0)
        known = definite(e, box)
        return None if known is None else oo * known.value
    known = definite(value, box.face(symbol))
    strict = known is not None and known.strict and (exponent.is_Integer or known.value > 0)
    return built(sympy.Pow, value, exponent) if strict or (exponent.is_Integer and exponent > 0) else None


def _of_product(e: Expr, symbol: Symbol, end: Expr, box: Box) -> Expr | None:
    varying = [a for a in e.args if symbol in a.free_symbols]
    if end == 0 and _powers_beat_logarithms(varying, symbol):
        rest = sympy.Mul(*(a for a in e.args if symbol not in a.free_symbols))
        return Integer(0) if regular(rest, box.face(symbol)) else None
    sign, result, infinite = 1, Integer(1), False
    for factor in e.args:
        value = _direct(factor, symbol, end, box)
        if value is None:
            return None
        if value in (oo, -oo):
            infinite, sign = True, sign * (1 if value == oo else -1)
        else:
            result *= value
    if not infinite:
        return result
    known = definite(result, box.face(symbol))
    return oo * sign * known.value if known is not None and known.strict else None


def _powers_beat_logarithms(varying: list[Expr], symbol: Symbol) -> bool:
    """x^a · log(x)^n tends to 0 with x for a > 0."""
    exponents = [a.as_base_exp() for a in varying]
    powers = [k for b, k in exponents if b == symbol]
    logs = [k for b, k in exponents if b == sympy.log(symbol)]
    return len(powers) == 1 and len(powers) + len(logs) == len(varying) and powers[0].is_Rational and powers[0] > 0
