"""Interval arithmetic on arrays: enclosures of an expression at many realisations of what is random in it.

Sums and products are rounded outward only where they are inexact, which error-free transformations tell
(T. J. Dekker, Numer. Math. 18, 1971; D. E. Knuth, TAOCP 2, 4.2.2, Theorems B and C): small integers stay exact, so that
ties are seen as ties. NumPy's and SciPy's elementary functions are good to 4 units in the last place (NumPy tests its
SIMD kernels against that limit); they are widened by 8. Where a value is undefined somewhere in the interval it is
[-inf, inf].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
import scipy
import sympy
from numpy.typing import ArrayLike, NDArray
from sympy import Expr

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.functions import Greatest, Least

Floats = NDArray[np.float64]

_SPLITTER = 2.0**27 + 1
_SMALL = 1e-280
"""Below this the error of a product may underflow."""
_LARGEST = np.finfo(np.float64).max
_LEAST = 5e-324
_STEP = 2.0**-53 * (1 + 2.0**-52)
_WIDER = 2.0**-49
_TINY = 4 * _LEAST
_MOST_POWER = 2**20


class Intervals(NamedTuple):
    """Arrays low ≤ exact values ≤ high of one shape, or of shapes that broadcast."""

    low: Floats
    high: Floats


def intervals(low: ArrayLike, high: ArrayLike | None = None) -> Intervals:
    """Intervals between arrays; of single points where one array is given. A NaN stands for anything."""
    ends = np.asarray(low, dtype=np.float64), np.asarray(low if high is None else high, dtype=np.float64)
    nan = np.isnan(ends[0]) | np.isnan(ends[1])
    return Intervals(np.where(nan, -np.inf, ends[0]), np.where(nan, np.inf, ends[1]))


def constant(value: Expr) -> Intervals:
    """A number as a rigorous interval, without dimensions."""
    return intervals(*_enclosed(value))


_enclosed = lru_cache(maxsize=4096)(enclose)


def evaluate(expression: Expr, known: Mapping[Any, Intervals]) -> Intervals:
    """Enclose an expression at all realisations of its random or variable atoms.

    Parameters
    ----------
    expression
        Built of numbers, the keys of `known`, + * / and powers, exp, log, erf, erfc, hyperbolic and trigonometric
        functions, Min, Max, Abs, floor, ceiling.
    known
        Intervals for atoms, of shapes that broadcast.

    Raises
    ------
    UnsupportedClaim
        When the expression holds a function that has no interval arithmetic here.
    InvalidArgument
        When a symbol has no value.
    """
    memo: dict[Expr, Intervals] = {}

    def walk(e: Expr) -> Intervals:
        if e in known:
            return known[e]
        if e not in memo:
            inside = any(atom in known for atom in e.atoms())
            memo[e] = apply(e) if inside else constant(e)
        return memo[e]

    def apply(e: Expr) -> Intervals:
        if e.is_Pow:
            return _power(walk(e.base), e.exp, walk)
        function = _FUNCTIONS.get(type(e))
        if function is None:
            raise UnsupportedClaim(
                f"{type(e).__name__} has no interval arithmetic, which trials take; rewrite the claim without it"
            )
        return function(*(walk(a) for a in e.args))

    with np.errstate(all="ignore"):
        return intervals(*walk(expression))


# Exact where possible. ------------------------------------------------------------------------------
def below(x: Floats) -> Floats:
    """A float below x, at most two steps away; at most the largest finite one.

    S. M. Rump, P. Zimmermann, S. Boldo and G. Melquiond, Computing predecessor and successor in rounding to nearest,
    BIT 49, 2009; many times faster than nextafter.
    """
    finite = np.minimum(x, _LARGEST)
    return np.asarray(finite - (_STEP * np.abs(finite) + _LEAST))


def above(x: Floats) -> Floats:
    """A float above x, like :func:`below`."""
    return -below(-x)


def _sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """a + b rounded, and the exact error of that; NaN where it is unknown."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """a·b rounded, and the exact error of that; NaN where it is unknown. 0 times anything is 0."""
    product = a * b
    a_high, b_high = _high_half(a), _high_half(b)
    a_low, b_low = a - a_high, b - b_high
    error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
    zero = (a == 0) | (b == 0)
    error = np.where(zero, 0.0, np.where(np.abs(product) < _SMALL, np.nan, error))
    return np.where(zero, 0.0, product), error


def _high_half(a: Floats) -> Floats:
    scaled = _SPLITTER * a
    return np.asarray(scaled - (scaled - a))


def _down(rounded: Floats, error: Floats) -> Floats:
    return np.where(error >= 0, rounded, below(rounded))


def _up(rounded: Floats, error: Floats) -> Floats:
    return np.where(error <= 0, rounded, above(rounded))


def add(a: Intervals, b: Intervals) -> Intervals:
    """a + b."""
    with np.errstate(all="ignore"):
        return intervals(_down(*_sum(a.low, b.low)), _up(*_sum(a.high, b.high)))


def multiply(a: Intervals, b: Intervals) -> Intervals:
    """a·b."""
    for point, other in ((a, b), (b, a)):
        if point.low.ndim == 0 and point.low == point.high:
            return _scaled(point.low, other)
    with np.errstate(all="ignore"):
        ends = [_product(x, y) for x in a for y in b]
        return intervals(reduce(np.minimum, [_down(*e) for e in ends]), reduce(np.maximum, [_up(*e) for e in ends]))


def _scaled(factor: Floats, a: Intervals) -> Intervals:
    if factor == 1:
        return a
    with np.errstate(all="ignore"):
        low, high = a if factor >= 0 else a[::-1]
        return intervals(_down(*_product(factor, low)), _up(*_product(factor, high)))


def negative(a: Intervals) -> Intervals:
    """-a."""
    return Intervals(-a.high, -a.low)


def absolute(a: Intervals) -> Intervals:
    """|a|."""
    low = np.maximum(np.maximum(a.low, -a.high), 0.0)
    return Intervals(low, np.maximum(np.abs(a.low), np.abs(a.high)))


def square(a: Intervals) -> Intervals:
    """a²."""
    b = absolute(a)
    with np.errstate(all="ignore"):
        return intervals(_down(*_product(b.low, b.low)), _up(*_product(b.high, b.high)))


def reciprocal(a: Intervals) -> Intervals:
    """1/a; [-inf, inf] where a may have either sign or is 0."""
    with np.errstate(all="ignore"):
        low = np.where(a.high == 0, -np.inf, _inverse(a.high, below))
        high = np.where(a.low == 0, np.inf, _inverse(a.low, above))
        one_signed = ((a.low >= 0) | (a.high <= 0)) & ((a.low != 0) | (a.high != 0))
        return intervals(np.where(one_signed, low, -np.inf), np.where(one_signed, high, np.inf))


def _inverse(a: Floats, outward: Callable[[Floats], Floats]) -> Floats:
    inverse = 1 / a
    product, error = _product(a, inverse)
    return np.where((product == 1) & (error == 0), inverse, outward(inverse))


def root(a: Intervals) -> Intervals:
    """√a; correctly rounded by IEEE 754."""
    with np.errstate(all="ignore"):
        low, high = np.sqrt(a.low), np.sqrt(a.high)
        (low_square, low_error), (high_square, high_error) = _product(low, low), _product(high, high)
        low = np.where((low_square == a.low) & (low_error == 0), low, np.maximum(below(low), 0.0))
        high = np.where((high_square == a.high) & (high_error == 0), high, above(high))
        return intervals(np.where(a.low < 0, np.nan, low), high)


def _power(base: Intervals, exponent: Expr, walk: Callable[[Expr], Intervals]) -> Intervals:
    if exponent.is_Integer and abs(exponent) <= _MOST_POWER:
        raised = _integer_power(base, abs(int(exponent)))
        return raised if exponent > 0 else reciprocal(raised)
    if exponent == sympy.S.Half:
        return root(base)
    if exponent == -sympy.S.Half:
        return reciprocal(root(base))
    return _exp(multiply(walk(exponent), _log(base)))


def _integer_power(base: Intervals, n: int) -> Intervals:
    if n % 2 == 0:
        return _raised(absolute(base), n)
    if n == 1:
        return base
    # Odd powers increase: each end by itself, with its sign.
    ends = [_raised(Intervals(np.abs(x), np.abs(x)), n) for x in base]
    signed = [Intervals(*np.where(x < 0, negative(e), e)) for e, x in zip(ends, base, strict=True)]
    return Intervals(signed[0].low, signed[1].high)


def _raised(base: Intervals, n: int) -> Intervals:
    """base^n of nonnegative intervals by repeated squaring."""
    result = None
    while n:
        if n % 2:
            result = base if result is None else multiply(result, base)
        n //= 2
        base = square(base) if n else base
    assert result is not None
    return result


# Elementary functions. ------------------------------------------------------------------------------
def _increasing(function: Callable[[Floats], Floats], least: float, most: float) -> Callable[[Intervals], Intervals]:
    """An increasing function with values from `least` to `most`; exact where it takes the values 0 or 1 at 0 or 1."""

    def apply(a: Intervals) -> Intervals:
        with np.errstate(all="ignore"):
            low, high = function(a.low), function(a.high)
            sure = [((x == 0) | (x == 1)) & ((y == 0) | (y == 1)) for x, y in zip(a, (low, high), strict=True)]
            down = np.where(sure[0], low, low - np.abs(low) * _WIDER - _TINY)
            up = np.where(sure[1], high, high + np.abs(high) * _WIDER + _TINY)
            return intervals(np.maximum(down, least), np.minimum(up, most))

    return apply


def _wave(function: Callable[[Floats], Floats]) -> Callable[[Intervals], Intervals]:
    """The sine or cosine: 1-Lipschitz around the middle."""

    def apply(a: Intervals) -> Intervals:
        with np.errstate(all="ignore"):
            middle = a.low + (a.high - a.low) / 2
            reach = np.maximum(middle - a.low, a.high - middle) * (1 + _WIDER) + _WIDER
            value = function(middle)
            return Intervals(np.fmax(value - reach, -1.0), np.fmin(value + reach, 1.0))

    return apply


_exp = _increasing(np.exp, 0.0, np.inf)
_log = _increasing(np.log, -np.inf, np.inf)
_erf = _increasing(lambda x: scipy.special.erf(x), -1.0, 1.0)


def _erfc(a: Intervals) -> Intervals:
    return negative(_increasing(lambda x: -scipy.special.erfc(x), -2.0, 0.0)(a))


def _cosh(a: Intervals) -> Intervals:
    return _increasing(np.cosh, 1.0, np.inf)(absolute(a))


def _smallest(*parts: Intervals) -> Intervals:
    return Intervals(reduce(np.minimum, [p.low for p in parts]), reduce(np.minimum, [p.high for p in parts]))


def _largest(*parts: Intervals) -> Intervals:
    return Intervals(reduce(np.maximum, [p.low for p in parts]), reduce(np.maximum, [p.high for p in parts]))


_FUNCTIONS: dict[Any, Callable[..., Intervals]] = {
    sympy.Add: lambda *terms: reduce(add, terms),
    sympy.Mul: lambda *factors: reduce(multiply, factors),
    sympy.exp: _exp,
    sympy.log: _log,
    sympy.erf: _erf,
    sympy.erfc: _erfc,
    sympy.sinh: _increasing(np.sinh, -np.inf, np.inf),
    sympy.cosh: _cosh,
    sympy.tanh: _increasing(np.tanh, -1.0, 1.0),
    sympy.atan: _increasing(np.arctan, -np.inf, np.inf),
    sympy.sin: _wave(np.sin),
    sympy.cos: _wave(np.cos),
    sympy.Abs: absolute,
    sympy.Min: _smallest,
    sympy.Max: _largest,
    Least: _smallest,
    Greatest: _largest,
    sympy.floor: lambda a: Intervals(np.floor(a.low), np.floor(a.high)),
    sympy.ceiling: lambda a: Intervals(np.ceil(a.low), np.ceil(a.high)),
}
