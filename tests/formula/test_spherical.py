"""S2: moments of bilinear forms on two spheres, as floats and as balls, at all sizes."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from sympy import Integer, Rational, S, log, sin

from boundcheck import integer, real
from boundcheck.formula.export import to_latex, to_python
from boundcheck.formula.gaussian_moments import moment
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose
from boundcheck.formula.spherical import log_moment, spherical_quantile, spherical_tail
from boundcheck.statement.functions import SphericalQuantile, SphericalTail


def exact(k, m, n):
    """C_k as a fraction."""
    value = Fraction(1)
    for j in range(k):
        value *= Fraction((m + 2 * j) * (n + 2 * j), 2 * j + 1)
    return value


def least(m, n, level, most=1500):
    total, found = 0.0, []
    for j in range(most):
        total += math.log((m + 2 * j) * (n + 2 * j) / (2 * j + 1))
        found.append((total + level) / (2 * j + 2))
    return math.exp(min(found))


SIZES = [(1, 1), (1, 9), (3, 8), (64, 48), (256, 256)]


@pytest.mark.parametrize(("m", "n"), SIZES)
def test_log_moments(m, n):
    for k in (0, 1, 2, 7, 64, 65, 300):
        assert log_moment(k, m, n) == pytest.approx(float(mpmath.log(exact(k, m, n))), rel=1e-13, abs=1e-13)


def test_log_moments_of_large_sizes():
    with mpmath.workdps(50):
        for m, n, k in ((10**12, 10**12, 10**12), (10**12, 1, 10**6), (10**6, 10**7, 100), (10**5, 199_999, 77)):
            parts = ((mpmath.mpf(m) / 2, 1), (mpmath.mpf(n) / 2, 1), (mpmath.mpf(1) / 2, -1))
            value = sum(sign * (mpmath.loggamma(a + k) - mpmath.loggamma(a)) for a, sign in parts)
            value += k * mpmath.log(2)
            assert log_moment(k, m, n) == pytest.approx(float(value), rel=1e-13)


@pytest.mark.parametrize(("m", "n"), SIZES)
@pytest.mark.parametrize("level", [0.0, 0.7, 4.6, 30.0, 700.0])
def test_the_least_over_all_orders(m, n, level):
    t = spherical_quantile(m, n, level)
    assert t == pytest.approx(least(m, n, level), rel=1e-12)
    assert spherical_quantile(n, m, level) == t
    assert math.log(spherical_tail(m, n, t)) == pytest.approx(-level, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("m", "n", "level"), [(1, 1, 4.6), (3, 8, 4.6), (16, 16, 40.0), (256, 256, 4.605170186)])
def test_it_is_at_most_the_bound_by_exponential_moments(m, n, level):
    """With z = λt, e^{λ²/2 + level} = ₁F₂(1/2; m/2, n/2; z²/4) where t = z/√(2 (log ₁F₂ - level)), for every z."""
    found = []
    for i in range(60):
        z = (m + n + 2 * level) * 2.0 ** ((i - 30) / 8)
        value = float(mpmath.log(mpmath.hyp1f2(0.5, m / 2, n / 2, z * z / 4)))
        found += [z / math.sqrt(2 * (value - level))] if value > level else []
    t = spherical_quantile(m, n, level)
    assert t <= min(found) <= 1.3 * t if m == 1 else t <= min(found) <= 1.02 * t
    if m == 256:
        assert t / math.sqrt(3) == pytest.approx(20.57, abs=0.01)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 6), (2, 2), (3, 5), (40, 30)])
def test_moments_of_gaussian_matrices_are_below_and_equal_for_a_row(m, n):
    """E tr(GGᵀ)^k ≤ C_k; for a row both are E ‖g‖^{2k}, so that a factor (m + 2j) cannot be any smaller."""
    for k in range(1, 30):
        assert moment(k, m, n) <= exact(k, m, n)
        assert (moment(k, m, n) == exact(k, m, n)) == (min(m, n) == 1 or k == 1)
    smaller = Fraction(1)
    for j in range(3):  # planted: m + 2j - 1 in place of m + 2j, beyond the first
        smaller *= Fraction((1 + 2 * j) * (6 + 2 * j - (j > 0)), 2 * j + 1)
    assert moment(3, 1, 6) > smaller


def test_edges():
    assert spherical_quantile(0, 5, 3.0) == spherical_tail(0, 5, 3.0) == 0
    assert spherical_tail(4, 5, 0.0) == spherical_tail(4, 5, -1.0) == spherical_tail(4, 5, 1.0) == 1
    assert math.isnan(spherical_quantile(math.nan, 5, 3.0))
    assert math.isnan(spherical_tail(4, math.inf, 3.0))
    assert spherical_quantile(4, 5, -2.0) == spherical_quantile(4, 5, 0.0)
    assert spherical_quantile(3.2, 5, 2.0) == spherical_quantile(4, 5, 2.0)
    assert evaluate(SphericalQuantile(0, 5, 3)) == 0
    assert enclose(SphericalQuantile(0, 5, 3)) == enclose(SphericalTail(5, 0, 3)) == (0, 0)
    assert enclose(SphericalTail(5, 4, 0)) == enclose(SphericalTail(5, 4, 1)) == (1, 1)


@pytest.mark.parametrize(("m", "n"), [*SIZES, (10**6, 10**6), (10**12, 10**12), (10**12, 7), (1, 10**9)])
@pytest.mark.parametrize("delta", ["1", "0.5", "0.01", "1e-100"])
def test_enclosures(m, n, delta):
    level = log(1 / Rational(delta))
    low, high = enclose(SphericalQuantile(m, n, level))
    t = evaluate(SphericalQuantile(m, n, level))
    assert low <= high <= low * (1 + 1e-10)
    assert low * (1 - 1e-11) <= t <= high * (1 + 1e-11)
    tail_low, tail_high = enclose(SphericalTail(m, n, Rational(t)))
    # A relative error of 1e-15 in t is one of 2k·1e-15 in the tail, with k of the order of m + n.
    slack = 1e-9 + 1e-14 * (m + n)
    assert tail_low * (1 - slack) <= float(Rational(delta)) <= tail_high * (1 + slack)


def test_enclosures_where_sizes_are_balls():
    m = integer("m", min=1)
    expression = SphericalQuantile(10 * m * (sin(1) ** 2 + sin(2) ** 2 / (2 * sin(1)) ** 2), 7, 3)
    low, high = enclose(expression, {m: Integer(2)})
    assert low <= spherical_quantile(20, 7, 3.0) * (1 + 1e-12)
    assert high >= spherical_quantile(20, 7, 3.0) * (1 - 1e-12)
    assert high <= spherical_quantile(21, 7, 3.0) * (1 + 1e-8)


def test_a_formula_in_every_form():
    m, n, delta = integer("m", min=1), integer("n", min=1), real("delta", min=0, max=1)
    formula = 2 * SphericalQuantile(m, n, log(3 / delta))
    assert to_latex(formula) == (
        r"2 \left(\min_k \left(\frac{3}{\delta}\, \prod_{j < k} \tfrac{(m + 2j)(n + 2j)}{2j + 1}\right)^{1/(2k)}\right)"
    )
    assert "min_k" in to_latex(SphericalTail(m, n, delta) ** 2)
    space = {}
    exec(to_python("bound", formula, [m, n, delta], "A bound."), space)
    compiled = compile_expression(formula, (m, n, delta))
    assert space["bound"](5, 6, 0.1) == pytest.approx(compiled(5, 6, 0.1), rel=1e-14)
    values = compiled([5, 6], 6, 0.1)
    assert values.shape == (2,)
    assert values[0] == pytest.approx(2 * least(5, 6, math.log(30)))
    low, high = enclose(formula, {m: Integer(5), n: Integer(6), delta: Rational(1, 10)})
    assert low <= values[0] * (1 + 1e-12) <= high * (1 + 1e-11)
    assert SphericalTail(2, 2, S.Zero).is_nonnegative
