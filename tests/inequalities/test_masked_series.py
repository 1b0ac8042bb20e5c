"""S4: exact means of tr exp(θH) over all small masks and signs, and the quantile in every form."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from residual_formulas import series
from sympy import Integer, Rational, log

from boundcheck import bernoulli, conv, dense, integer, normal, rademacher, real, truncated_normal, uniform
from boundcheck.formula.export import to_latex, to_python
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.series import series_quantile
from boundcheck.inequalities.bounds.masked_series import series_bound
from boundcheck.statement.functions import SeriesQuantile

CENT = Rational(1, 100)
MGF = {
    "uniform": lambda x: math.sinh(x) / x,
    "normal": lambda x: math.exp(x * x / 2),
    "signs": math.cosh,
}


def exact_trace(m, n, k, theta):
    """E tr(exp(θH) - I) of k signs among m × n entries: from the singular values of all of them."""
    total, number = 0.0, 0
    for places in combinations(range(m * n), k):
        for signs in product((-1.0, 1.0), repeat=k):
            matrix = np.zeros(m * n)
            matrix[list(places)] = signs
            singular = np.linalg.svd(matrix.reshape(m, n), compute_uv=False)
            total += float(np.sum(2 * np.cosh(theta * singular) - 2))
            number += 1
    return total / number


def dominating(m, n, p, theta, *, taps=1, mgf=math.cosh, fewer=0, twice=True):
    """What S4 puts in its place; with `fewer` factors in the powers, or with one of two sides alone, a wrong one."""
    growth = 1 - p + p * mgf(theta)
    rows = m * (growth ** (n * taps - fewer) - 1)
    return rows + n * (growth ** (m * taps - fewer) - 1) if twice else rows


THETAS = (0.05, 0.5, 1.0, 2.0, 5.0)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 5), (2, 2), (2, 3), (3, 3)])
def test_traces_of_few_signs_are_dominated(m, n):
    for k in range(1, min(m * n, 6) + 1):
        for theta in THETAS:
            assert exact_trace(m, n, k, theta) <= dominating(m, n, k / (m * n), theta) * (1 + 1e-12), (k, theta)


def test_one_sign_attains_the_bound_and_smaller_ones_are_caught():
    """A single entry that is there: 2 cosh θ - 2. Independent signs in a row, for small θ: the variance."""
    for theta in THETAS:
        exact = exact_trace(1, 1, 1, theta)
        assert exact == pytest.approx(dominating(1, 1, 1.0, theta))
        assert exact > dominating(1, 1, 1.0, theta, mgf=lambda x: math.cosh(0.99 * x))
        assert exact > dominating(1, 1, 0.99, theta)
        assert exact > dominating(1, 1, 1.0, theta, twice=False)
    small = 1e-3
    exact = exact_trace(2, 3, 4, small)
    assert exact == pytest.approx(dominating(2, 3, 4 / 6, small), rel=1e-5)
    assert exact > dominating(2, 3, 4 / 6, small, fewer=1)
    assert exact > dominating(2, 3, 3 / 6, small)
    assert exact > dominating(2, 3, 4 / 6, small, twice=False)


LAWS = {"uniform": uniform(-2, 2), "normal": normal(0, 2), "signs": rademacher(2)}


@pytest.mark.parametrize("family", LAWS)
@pytest.mark.parametrize("k", [1, 7, 100, 1200])
@pytest.mark.parametrize("taps", [1, 4])
def test_bounds_are_the_written_out_formulas(family, k, taps):
    m, n, law = 20, 60 // taps, LAWS[family]
    layer = dense(n, m, weights=law) if taps == 1 else conv(n, m, 2, weights=law).on((9, 9))
    bound = series_bound(layer, law, Integer(k), CENT)
    level = math.log(100 * int(layer.frequencies))
    expected = 2 * series(m, n, taps, k / 1200, level, MGF[family])
    assert evaluate(bound) == pytest.approx(expected, rel=1e-9)
    low, high = enclose(bound)
    assert low * (1 - 1e-11) <= evaluate(bound) <= high * (1 + 1e-11)
    assert high <= low * (1 + 1e-9)


@pytest.mark.parametrize("family", [0, 1, 2])
def test_floats_and_balls_agree_at_the_ends_of_the_grid(family):
    """Tiny and huge best θ: close to 1 and beyond the floats."""
    for m, n, p, level in ((10**6, 10**6, 1, 3), (10**4, 10, Rational(1, 10**9), 3), (3, 3, Rational(1, 2), 700)):
        formula = SeriesQuantile(m, n, 1, p, level, family)
        low, high = enclose(formula)
        assert low * (1 - 1e-11) <= evaluate(formula) <= high * (1 + 1e-11)


def test_laws():
    """Another symmetric sub-Gaussian law is put below the normal one; a law that is not symmetric has no bound."""
    layer = dense(4, 4, weights=truncated_normal(1, 2))
    scale = math.sqrt(evaluate(layer.weights.variance_proxy))
    unit = evaluate(SeriesQuantile(4, 4, 1, Rational(3, 16), log(100), 1))
    assert evaluate(series_bound(layer, layer.weights, Integer(3), CENT)) == pytest.approx(scale * unit)
    for law in (uniform(-1, 2), bernoulli(Rational(1, 2))):
        assert series_bound(layer, law, Integer(3), CENT) is None


@pytest.mark.parametrize(("alpha", "expected"), [(0.3, 9.10), (0.5, 4.13), (0.7, 2.36)])
def test_figures(alpha, expected):
    layer, k = dense(256, 256, weights=uniform(-1, 1)), Integer(math.floor(65536 ** (1 - alpha)))
    assert evaluate(series_bound(layer, layer.weights, k, CENT)) == pytest.approx(expected, rel=0.005)


def test_edges():
    assert series_quantile(0, 5, 1, 0.1, 3, 0) == 0
    assert series_quantile(5, 5, 1, 0.0, 3, 0) == 0
    assert enclose(SeriesQuantile(5, 5, 1, 0, 3, 0)) == (0, 0)
    assert math.isnan(series_quantile(5, 5, 1, 1.5, 3, 0))
    assert enclose(SeriesQuantile(5, 5, 1, Rational(3, 2), 3, 0)) == (-math.inf, math.inf)
    assert math.isnan(series_quantile(5, math.nan, 1, 0.1, 3, 0))
    assert math.isnan(series_quantile(5, 5, 1, 0.1, 3, 7))


def test_a_formula_in_every_form():
    d, k, delta = integer("d", min=1), integer("k", min=1), real("delta", min=0, max=1)
    formula = SeriesQuantile(d, d, 1, k / d**2, log(1 / delta), 0)
    assert r"\sinh" in to_latex(formula)
    assert r"\cosh" in to_latex(SeriesQuantile(*formula.args[:5], 2) ** 2)
    space = {}
    exec(to_python("bound", formula, [d, k, delta], "A bound."), space)
    compiled = compile_expression(formula, (d, k, delta))
    assert space["bound"](9, 5, 0.1) == pytest.approx(compiled(9, 5, 0.1), rel=1e-14)
    found = compiled(np.array([3.0, 9.0, 20.0]), 5.0, 0.1)
    assert found[1] == compiled(9, 5, 0.1)
    low, high = enclose(formula, {d: Integer(9), k: Integer(5), delta: Rational(1, 10)})
    assert low * (1 - 1e-11) <= compiled(9, 5, 0.1) <= high * (1 + 1e-11)
