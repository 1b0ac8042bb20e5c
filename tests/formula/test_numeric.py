"""Compiled expressions against 30 digits of SymPy's, on numbers and arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy
from sympy import (
    Abs,
    Integer,
    LambertW,
    Max,
    Min,
    Rational,
    S,
    Symbol,
    atan,
    ceiling,
    cosh,
    erf,
    erfc,
    erfinv,
    exp,
    floor,
    gamma,
    log,
    pi,
    sinh,
    sqrt,
    tanh,
)

from boundcheck import integer, real
from boundcheck.errors import InvalidArgument
from boundcheck.formula.numeric import compile_expression, evaluate, value_at
from boundcheck.formula.walk import Unknown, walked
from boundcheck.statement.functions import (
    BetaQuantile,
    Greatest,
    HypergeometricBound,
    Least,
    MomentQuantile,
    SparseQuantile,
)

n, t = integer("n", min=1), real("t", min=0)


@pytest.mark.parametrize(
    "expression",
    [
        2 * exp(-2 * n * t**2),
        n * log(1 + t) - sqrt(n) / 3,
        erfc(t) + gamma(t + 1) / n,
        Max(t, 1 / n) + floor(3 * t) + ceiling(t),
        ((1 + t) ** (-1 - t) * exp(t)) ** n,
        10**30 * t + 2**70 / n,
    ],
    ids=str,
)
def test_values_agree_with_many_digits(expression):
    function = compile_expression(expression, (n, t))
    points = [(1, Rational(1, 3)), (7, Rational(5, 4)), (40, Rational(9, 7))]
    wanted = [float(expression.subs({n: i, t: x}).evalf(30)) for i, x in points]
    assert [function(i, float(x)) for i, x in points] == pytest.approx(wanted, rel=1e-12)
    together = function(np.array([i for i, _ in points]), np.array([float(x) for _, x in points]))
    assert together == pytest.approx(wanted, rel=1e-12)
    assert isinstance(function(1, 0.5), float)


def test_functions_of_our_own():
    assert evaluate(Least(Rational(1, 2), Rational(1, 3))) == pytest.approx(1 / 3)
    assert evaluate(Greatest(Rational(1, 2), Rational(1, 3), 2)) == 2
    assert evaluate(BetaQuantile(1, 1, Rational(1, 4))) == pytest.approx(0.75)


def test_what_overflows_is_infinite_without_a_warning():
    assert compile_expression(exp(n), (n,))(1e6) == math.inf
    assert math.isnan(compile_expression(log(t - 1), (t,))(0.5))


def test_every_free_symbol_is_an_argument():
    with pytest.raises(InvalidArgument, match=r"parameters=\[n\] lack \{t\}; pass every free symbol"):
        compile_expression(n * t, (n,))
    with pytest.raises(InvalidArgument, match="lack"):
        evaluate(Symbol("z") + 1)


def test_what_is_not_real_is_no_number():
    """SciPy's Lambert W is complex below -1/e."""
    x = Symbol("x", real=True)
    found = compile_expression(LambertW(x), [x])(np.array([-1.0, 0.0]))
    assert np.isnan(found[0])
    assert found[1] == 0


def test_parts_that_were_evaluated_are_no_parameters():
    """What is not in the walk's table is compiled, with the symbols alone."""
    x = Symbol("x")
    expression = erfinv(x / 3) + Rational(2, 3) * sqrt(x) + x**3
    expected = float(scipy.special.erfinv(1 / 6)) + 2 / 3 * math.sqrt(0.5) + 0.125
    assert value_at(expression, {x: 0.5}) == pytest.approx(expected)
    assert evaluate(expression.xreplace({x: Rational(1, 2)})) == pytest.approx(expected)


WALKED = [
    Rational(1, 3) + sqrt(2) * exp(-3) - pi,
    Max(3, sqrt(8)) * Min(2, log(5)) / Abs(-7),
    floor(10 ** Rational(7, 3)) ** Rational(-1, 3),
    Least(3, BetaQuantile(5, 7, Rational(1, 100)))
    + Greatest(MomentQuantile(3, 4, 5), SparseQuantile(9, 9, 1, S.Half, 5)),
    HypergeometricBound(10000, 100, 100, Rational(1, 100)) * erf(1) + tanh(2) * sinh(1) * cosh(1),
    1 / exp(Integer(10) ** 4, evaluate=False),  # infinite on the way
    log(S.Half - 1, evaluate=False),  # no real number
    erfinv(S.Half) + atan(3),  # not in the walk's table
]


@pytest.mark.parametrize("expression", WALKED, ids=str)
def test_a_walk_gives_what_compiling_gives(expression):
    compiled = compile_expression(expression, ())()
    assert evaluate(expression) == pytest.approx(compiled, rel=1e-14, nan_ok=True)
    try:
        assert walked(expression) == pytest.approx(compiled, rel=1e-14)
    except Unknown:
        assert expression in WALKED[-3:]
