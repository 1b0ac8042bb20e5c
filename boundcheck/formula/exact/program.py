"""Expressions in statistics compiled into functions of numbers, so that SymPy is not asked at every outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import flint
import sympy
from flint import arb, fmpq
from sympy import Abs, Expr, Max, Min, ceiling, exp, floor, log

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.exact.numbers import Number, absolute, larger, number
from boundcheck.statement.functions import Greatest, Least

Program = Callable[[Sequence[Number]], Number]
"""Values of the statistics -> value of the expression, at the working precision."""


def compiled(e: Expr, statistics: Sequence[Expr]) -> Program:
    """The expression as a function of the values of these statistics; fractions stay fractions where they can.

    Raises
    ------
    UnsupportedClaim
        When it holds a function that has no rigorous evaluation here.
    """
    return _compiled(e, {s: place for place, s in enumerate(statistics)})


def _compiled(e: Expr, places: Mapping[Expr, int]) -> Program:
    if e in places:
        place = places[e]
        return lambda values: values[place]
    if not any(e.has(s) for s in places):
        return _constant(e)
    if e.is_Pow:
        return _power(e, places)
    parts = [_compiled(a, places) for a in e.args]
    if e.is_Add:
        return _folded(parts, lambda a, b: a + b)
    if e.is_Mul:
        return _folded(parts, lambda a, b: a * b)
    if isinstance(e, Max | Greatest):
        return _folded(parts, larger)
    if isinstance(e, Min | Least):
        return _folded(parts, lambda a, b: -larger(-a, -b))
    function = _FUNCTIONS.get(type(e))
    if function is None or len(parts) != 1:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} has no exact expectation; rewrite the claim without it")
    [inner] = parts
    return lambda values: function(inner(values))


def _constant(e: Expr) -> Program:
    value = number(e)
    if isinstance(value, fmpq):
        return lambda values: value
    memo: dict[int, Number] = {}

    def at_this_precision(values: Sequence[Number]) -> Number:
        bits = flint.ctx.prec
        if bits not in memo:
            memo[bits] = number(e)
        return memo[bits]

    return at_this_precision


def _folded(parts: list[Program], operation: Callable[[Number, Number], Number]) -> Program:
    if len(parts) == 2:
        left, right = parts
        return lambda values: operation(left(values), right(values))

    def fold(values: Sequence[Number]) -> Number:
        total = parts[0](values)
        for part in parts[1:]:
            total = operation(total, part(values))
        return total

    return fold


def _power(e: Expr, places: Mapping[Expr, int]) -> Program:
    base, exponent = _compiled(e.base, places), e.exp
    if exponent.is_Integer:
        n = int(exponent)
        return lambda values: _integer_power(base(values), n)
    if exponent == sympy.S.Half:
        return lambda values: _root(base(values))
    power = _compiled(exponent, places)
    return lambda values: _real_power(base(values), power(values))


def _integer_power(x: Number, n: int) -> Number:
    if n < 0 and x == 0:
        return arb.nan()
    return x**n


def _root(x: Number) -> Number:
    if isinstance(x, fmpq) and x >= 0 and x.p.is_square() and x.q.is_square():
        return fmpq(x.p.isqrt(), x.q.isqrt())
    return arb(x).sqrt()


def _real_power(x: Number, y: Number) -> Number:
    if x == 0 and y > 0:
        return fmpq(0)
    return arb(x) ** arb(y)


def _exponential(x: Number) -> Number:
    return fmpq(1) if x == 0 else arb(x).exp()


_FUNCTIONS: Mapping[type, Callable[[Number], Number]] = {
    Abs: absolute,
    exp: _exponential,
    log: lambda x: arb(x).log(),
    floor: lambda x: fmpq(x.floor()) if isinstance(x, fmpq) else x.floor(),
    ceiling: lambda x: fmpq(x.ceil()) if isinstance(x, fmpq) else x.ceil(),
    sympy.sin: lambda x: arb(x).sin(),
    sympy.cos: lambda x: arb(x).cos(),
    sympy.sinh: lambda x: arb(x).sinh(),
    sympy.cosh: lambda x: arb(x).cosh(),
    sympy.tanh: lambda x: arb(x).tanh(),
    sympy.erf: lambda x: arb(x).erf(),
    sympy.erfc: lambda x: arb(x).erfc(),
    sympy.atan: lambda x: arb(x).atan(),
}
