"""S3: exact moments of all small matrices of few signs, and what is claimed of the laws of weights."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats
from sympy import Integer, Rational, log

from boundcheck import conv, dense, integer, normal, rademacher, real, truncated_normal, uniform
from boundcheck.formula.export import to_latex, to_python
from boundcheck.formula.gaussian_moments import ORDERS, SPARSE_ORDERS, moment, sparse_quantile
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.inequalities.bounds.sparse_moments import SparseMoments
from boundcheck.statement.functions import SparseQuantile

CENT = Rational(1, 100)


@cache
def exact_moments(m, n, k, most):
    """E tr(RRᵀ)^q, q = 1, …, of k signs among m × n entries, over all subsets and signs."""
    totals, number = [0] * most, 0
    for places in combinations(range(m * n), k):
        for signs in product((-1, 1), repeat=k):
            matrix = np.zeros(m * n, dtype=object)
            matrix[list(places)] = signs
            gram = matrix.reshape(m, n) @ matrix.reshape(m, n).T
            power = gram
            for q in range(most):
                totals[q] += sum(power[i, i] for i in range(m))
                power = power @ gram
            number += 1
    return [Fraction(int(total), number) for total in totals]


def dominating(q, m, n, ratio, *, gain=1):
    """What S3 puts in place of them for L² = 1/3, in fractions and without rounding up by 2^-30."""
    beta = min(Fraction(1), ratio)
    r, s = (min(x, math.ceil(beta * x + gain * (1 - beta) * (q - 1))) for x in (m, n))
    scale = Fraction(1, 3) * max(Fraction(1), ratio)
    return min(Fraction(m, r), Fraction(n, s)) * scale**q * moment(q, r, s)


SHAPES = [(1, 1), (1, 4), (2, 2), (2, 3), (3, 3)]
MOST = 12


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_moments_of_few_signs_are_dominated(m, n):
    for k in range(1, m * n + 1):
        found = exact_moments(m, n, k, MOST)
        for q in range(1, MOST + 1):
            assert found[q - 1] <= dominating(q, m, n, Fraction(3 * k, m * n)), (k, q)


def test_one_sign_attains_the_first_moment_and_smaller_constants_are_caught():
    """One sign in a row of four: E tr RRᵀ = 1. One sign that is there with probability p: every moment is p."""
    assert exact_moments(1, 4, 1, 1) == [1]
    assert dominating(1, 1, 4, Fraction(3, 4)) == 1
    assert exact_moments(1, 4, 1, 1)[0] > dominating(1, 1, 4, Fraction(3, 4)) * Fraction(99, 100)
    p = Fraction(1, 4)
    for factor, holds in ((Fraction(1), True), (Fraction(4, 5), False)):  # of L²; β = p / L² ≤ 1 for both
        found = [dominating(q, 1, 1, 3 * p / factor) * factor**q for q in range(1, MOST + 1)]
        assert all(x >= p for x in found) is holds


def test_sizes_without_what_grows_with_q_are_caught():
    """(1-β)(q-1) dropped: M_q(⌈βm⌉, ⌈βn⌉) is exceeded, as columns of more entries than that have more walks."""
    p = Fraction(1, 50)
    # Bernoulli(p) normal weights in a row of n: E (Σ η g²)^q of q = 2 is n(n-1)p² + 3np.
    n = 100
    second = n * (n - 1) * p**2 + 3 * n * p
    r = [math.ceil(p * n + gain * (1 - p)) for gain in (0, 1)]
    with_gain, without = (min(Fraction(1), Fraction(n, s)) * moment(2, 1, s) for s in r[::-1])
    assert second <= with_gain
    assert min(Fraction(1), Fraction(n, r[0])) * moment(2, 1, r[0]) == without
    assert second > without


def moments_of(law):
    """E w^{2j}, j = 1, …, 20."""
    if law.label == "uniform":
        return [float(law.high) ** (2 * j) / (2 * j + 1) for j in range(1, 21)]
    if law.label == "two_point":
        return [float(law.high) ** (2 * j) for j in range(1, 21)]
    if law.label == "normal":
        return [float(law.std) ** (2 * j) * math.prod(range(1, 2 * j, 2)) for j in range(1, 21)]
    cut = float(law.cut / law.std)
    return [
        float(law.std) ** (2 * j) * stats.truncnorm(-cut, cut).expect(lambda x, j=j: x ** (2 * j)) for j in range(1, 21)
    ]


LAWS = [uniform(-2, 2), normal(0, 3), rademacher(2), truncated_normal(1, 1), truncated_normal(2, 6)]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_what_is_claimed_of_moments_of_weights(law):
    double = [math.prod(range(1, 2 * j, 2)) for j in range(1, 21)]
    found, v = moments_of(law), evaluate(law.variance)
    proxy, sparse = evaluate(law.moment_proxy), evaluate(law.sparse_proxy)
    assert found[0] == pytest.approx(v, rel=1e-9)
    for j, (x, factor) in enumerate(zip(found, double, strict=True), start=1):
        assert x <= proxy**j * factor * (1 + 1e-9)
        assert x <= v * sparse ** (j - 1) * factor * (1 + 1e-9)
    if law.label != "truncated_normal":  # the least constants
        assert found[0] > 0.99 * proxy
        assert found[1] > v * 0.99 * sparse * 3


def test_laws_without_symmetry_have_neither():
    assert uniform(-1, 2).sparse_proxy is uniform(-1, 2).moment_proxy is None
    layer = dense(4, 4, weights=uniform(-1, 2))
    assert SparseMoments().bound(layer, layer.weights, Integer(3), CENT) is None
    assert SparseMoments().bound_by_magnitude(layer, Integer(3), CENT) is None


@pytest.mark.parametrize(
    ("alpha", "at_random", "by_magnitude"), [(0.3, 5.92, 0.214), (0.5, 4.22, 0.0170), (0.7, 4.01, 0.00208)]
)
def test_figures(alpha, at_random, by_magnitude):
    layer, k = dense(256, 256, weights=uniform(-1, 1)), Integer(math.floor(65536 ** (1 - alpha)))
    assert evaluate(SparseMoments().bound(layer, layer.weights, k, CENT)) == pytest.approx(at_random, rel=0.003)
    assert evaluate(SparseMoments().bound_by_magnitude(layer, k, CENT)) == pytest.approx(by_magnitude, rel=0.003)


def written_out(m, n, taps, frequencies, a, k, delta, *, magnitude=False):
    """For uniform weights on [-a, a]: v = a²/3, L² = a²/5."""
    ratio, size = k / (m * n * taps) * 5 / 3, m * n * taps
    base, best = min(1.0, ratio), math.inf
    for q in SPARSE_ORDERS:
        law = stats.binom(taps - 1, base)
        power = max(q - 1, 1)
        spread = sum(law.pmf(j) * (1 + j) ** power for j in range(taps)) ** (1 / power)
        beta = taps * base / spread
        r, s = (min(x, math.ceil(beta * x + (1 - beta) * (q - 1) + 2**-30)) for x in (m, n))
        value = math.log(min(m / r, n / s) * frequencies / delta) + math.log(moment(q, r, s))
        if magnitude:
            value += sum(math.log((k + i) / (size + i)) for i in range(1, 2 * q + 1))
        best = min(best, value / (2 * q) + math.log(spread) / 2)
    return a / math.sqrt(5) * math.sqrt(max(1.0, ratio)) * math.exp(best)


@pytest.mark.parametrize("k", [1, 7, 100, 1000, 1199])
@pytest.mark.parametrize("taps", [1, 4])
def test_bounds_are_the_written_out_formulas(k, taps):
    m, n = 20, 60 // taps
    layer = dense(n, m, weights=uniform(-2, 2)) if taps == 1 else conv(n, m, 2, weights=uniform(-2, 2)).on((9, 9))
    frequencies = int(layer.frequencies)
    bounds = {
        False: SparseMoments().bound(layer, layer.weights, Integer(k), CENT),
        True: SparseMoments().bound_by_magnitude(layer, Integer(k), CENT),
    }
    for magnitude, bound in bounds.items():
        expected = written_out(m, n, taps, frequencies, 2.0, k, 0.01, magnitude=magnitude)
        assert evaluate(bound) == pytest.approx(expected, rel=1e-9)
        low, high = enclose(bound)
        assert low * (1 - 1e-11) <= evaluate(bound) <= high * (1 + 1e-11)
        assert high <= low * (1 + 1e-9)


def test_all_entries_there_are_the_whole_matrix():
    layer = dense(30, 20, weights=normal(0, 2))
    bound = evaluate(SparseMoments().bound(layer, layer.weights, layer.size, CENT))
    level = math.log(100)
    assert bound == pytest.approx(
        2 * math.exp(min((math.log(moment(q, 20, 30)) + level) / (2 * q) for q in ORDERS[:20]))
    )


def test_edges():
    assert sparse_quantile(0, 5, 1, 0.1, 3) == 0
    assert enclose(SparseQuantile(0, 5, 1, CENT, 3)) == (0, 0)
    assert math.isnan(sparse_quantile(5, 5, 1, 0.0, 3))
    assert math.isnan(sparse_quantile(5, math.nan, 1, 0.1, 3))
    assert enclose(SparseQuantile(5, 5, 1, 0, 3)) == (-math.inf, math.inf)
    assert sparse_quantile(5, 5, 1, 0.1, 1e9) == math.inf


def test_a_formula_in_every_form():
    d, k, delta = integer("d", min=1), integer("k", min=1), real("delta", min=0, max=1)
    formula = SparseQuantile(d, d, 1, k / d**2, log(1 / delta), k, d**2)
    assert r"\operatorname{Beta}" in to_latex(formula)
    assert r"\operatorname{Beta}" not in to_latex(SparseQuantile(d, d, 1, k, delta) ** 2)
    space = {}
    exec(to_python("bound", formula, [d, k, delta], "A bound."), space)
    compiled = compile_expression(formula, (d, k, delta))
    assert space["bound"](9, 5, 0.1) == pytest.approx(compiled(9, 5, 0.1), rel=1e-14)
    low, high = enclose(formula, {d: Integer(9), k: Integer(5), delta: Rational(1, 10)})
    assert low * (1 - 1e-11) <= compiled(9, 5, 0.1) <= high * (1 + 1e-11)
