"""Interval arithmetic on arrays: exact values at 50 digits lie inside, small integers stay exact."""

import math
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples
from sympy import Abs, Max, Min, Rational, Symbol, cos, erf, erfc, exp, floor, log, sinh, sqrt, tanh

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula import intervals as module
from boundcheck.formula.intervals import Intervals, evaluate, intervals

X, Y = Symbol("x", real=True), Symbol("y", real=True)

FLOATS = st.floats(-1e6, 1e6) | st.integers(-9, 9).map(float) | st.sampled_from([0.1, -0.3, 1e-200, 1e200, 5e-324])
EXPRESSIONS = st.sampled_from(
    [
        X + Y,
        X - Y / 3,
        X * Y,
        X / Y,
        X**2 - Y,
        X**3 * Y**5,
        X**-3,
        (X + Rational(1, 10)) ** 4,
        sqrt(Abs(X)) - 1 / sqrt(1 + Y**2),
        exp(X / 1000) + Y,
        log(1 + X**2) * Y,
        log(Abs(X)),
        Abs(X) ** Rational(1, 3),
        (1 + X**2) ** Rational(-7, 5),
        Min(X, Y) + Max(X, Rational(1, 3), Y),
        erf(X / 10) - erfc(Y / 10),
        tanh(X) * sinh(Y / 2000),
        cos(X / 50) + sympy.atan(Y),
        floor(X) + sympy.ceiling(Y),
        sympy.pi * X + sympy.cosh(Y / 3000),
    ]
)


@cache
def compiled(e):
    return sympy.lambdify([X, Y], e, "mpmath")


def exact(e, point):
    """The value at 50 digits; None where undefined."""
    with mpmath.workdps(50):
        try:
            value = compiled(e)(*(mpmath.mpf(v) for v in point))
        except (ZeroDivisionError, ValueError):
            return None
        return value if isinstance(value, mpmath.mpf | int) and mpmath.isfinite(value) else None


def encloses(case):
    expression, first, second, share = case
    ends = [sorted(pair) for pair in (first, second)]
    # A point inside: an end, or what rounding makes of a place between.
    point = [min(max(a + share * (b - a), a), b) for a, b in ends]
    value = exact(expression, point)
    found = evaluate(expression, {X: intervals([ends[0][0]], [ends[0][1]]), Y: intervals([ends[1][0]], [ends[1][1]])})
    return value is None or found.low[0] <= value <= found.high[0]


PAIRS = st.tuples(FLOATS, FLOATS) | FLOATS.map(lambda v: (v, v))
CASES = st.tuples(EXPRESSIONS, PAIRS, PAIRS, st.floats(0, 1))


@given(CASES)
@examples(600)
def test_exact_values_lie_inside(case):
    assert encloses(case)


@given(st.floats(allow_nan=False))
@examples(300)
def test_neighbours_lie_strictly_outside(x):
    with np.errstate(over="ignore"):
        down, up = module.below(np.array(x)), module.above(np.array(x))
    assert down <= x <= up
    if math.isfinite(x):
        assert math.nextafter(math.nextafter(x, -math.inf), -math.inf) <= down < x
        assert x < up <= math.nextafter(math.nextafter(x, math.inf), math.inf)


def test_rounding_to_nearest_is_caught(monkeypatch):
    monkeypatch.setattr(module, "_down", lambda rounded, error: rounded)
    monkeypatch.setattr(module, "_up", lambda rounded, error: rounded)
    assert caught(CASES, encloses)


def test_elementary_functions_without_widening_are_caught(monkeypatch):
    monkeypatch.setattr(module, "_WIDER", 0.0)
    monkeypatch.setattr(module, "_TINY", 0.0)
    assert caught(CASES, encloses, count=1000)


@given(st.lists(st.integers(-(2**20), 2**20), min_size=2, max_size=2))
@examples(100)
def test_small_integers_stay_exact(numbers):
    x, y = (intervals([float(v)]) for v in numbers)
    expression = (X + 3 * Y) * (X - Y) - X**2 + 7
    found = evaluate(expression, {X: x, Y: y})
    assert found.low[0] == found.high[0] == int(expression.subs({X: numbers[0], Y: numbers[1]}))


def test_simple_values_are_exact():
    values = {exp(X): 1.0, cos(X): None, sqrt(X + 9): 3.0, 1 / (X + 4): 0.25, log(X + 1): 0.0, Abs(X - 5): 5.0}
    for expression, value in values.items():
        found = evaluate(expression, {X: intervals([0.0])})
        if value is not None:
            assert (found.low[0], found.high[0]) == (value, value)


@pytest.mark.parametrize(
    ("expression", "ends"),
    [(1 / X, (-1.0, 1.0)), (log(X), (-1.0, 1.0)), (sqrt(X), (-1.0, 1.0)), (log(X), (-2.0, -1.0)), (1 / X, (0.0, 0.0))],
)
def test_what_is_undefined_somewhere_is_anything(expression, ends):
    found = evaluate(expression, {X: intervals([ends[0]], [ends[1]])})
    assert (found.low[0], found.high[0]) == (-math.inf, math.inf)


def test_unbounded_variables_keep_the_ends_that_are_known():
    def ends(e, low, high):
        found = evaluate(e, {X: intervals([low], [high])})
        return found.low[0], found.high[0]

    assert ends(1 / X, 0.0, 2.0) == (0.5, math.inf)
    assert ends(1 / X, -2.0, 0.0) == (-math.inf, -0.5)
    assert ends(exp(-X), 0.0, math.inf) == (0.0, 1.0)
    assert ends(X**2, -math.inf, 1.0) == (0.0, math.inf)
    assert ends(Min(X, 3), 1.0, math.inf) == (1.0, 3.0)
    low, high = ends(X**9, 1e100, 1e100)
    assert 1e308 < low < high == math.inf


def test_constants_are_rigorous_and_shapes_broadcast():
    found = evaluate(X * Rational(1, 3) + Y, {X: intervals(3.0), Y: intervals(np.zeros((2, 4)))})
    assert found.low.shape == (2, 4)
    third = evaluate(X * Rational(1, 3), {X: intervals([1.0])})
    assert Fraction(float(third.low[0])) < Fraction(1, 3) < Fraction(float(third.high[0]))


def test_a_nan_is_anything():
    assert intervals([math.nan]) == Intervals(np.array([-math.inf]), np.array([math.inf]))


def test_errors_name_what_is_missing():
    with pytest.raises(UnsupportedClaim, match="gamma"):
        evaluate(sympy.gamma(X), {X: intervals([1.0])})
    with pytest.raises(InvalidArgument, match="y"):
        evaluate(X + Y, {X: intervals([1.0])})
