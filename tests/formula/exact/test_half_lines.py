"""Tails of statistics of one law against sums of fractions and 60-digit integrals."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from sympy import Abs, Rational, exp, gamma, sqrt

from boundcheck import (
    bernoulli,
    exponential,
    iid,
    independent,
    maximum,
    mean,
    normal,
    rademacher,
    sum_of,
    two_point,
    uniform,
)
from boundcheck.errors import BoundcheckError
from boundcheck.formula.event import read_event
from boundcheck.formula.exact import exact_tail as tail_of_event
from boundcheck.formula.rigorous import interval

F = Fraction


def exact_tail(margin, statistic, *, strict):
    """The tail as a ball, or None where the event cannot be read or its law is not known."""
    try:
        tail = tail_of_event(read_event(margin, statistic, strict=strict), statistic)
    except BoundcheckError:
        return None
    return None if tail is None else arb(tail.value)


def r(x) -> Rational:
    x = F(x)
    return Rational(x.numerator, x.denominator)


def lattice(low, high, p, n):
    """Value and probability of every sum of n two-point variables."""
    low, high, p = F(low), F(high), F(p)
    return [(n * low + k * (high - low), math.comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]


def assert_is(tail, exact):
    assert tail is not None
    low, high = interval(tail)
    if isinstance(exact, Fraction):
        assert F(low) <= exact <= F(high)
    else:
        with mpmath.workdps(60):
            assert mpmath.mpf(low) <= exact <= mpmath.mpf(high)
    assert high <= low * (1 + 1e-14) + 5e-324


LAWS = [
    (bernoulli(F(1, 3)), (0, 1, F(1, 3))),
    (rademacher(F(3, 2)), (F(-3, 2), F(3, 2), F(1, 2))),
    (two_point(-1, F(5, 2), F(9, 10)), (-1, F(5, 2), F(9, 10))),
]


@pytest.mark.parametrize(("law", "description"), LAWS, ids=lambda x: str(x) if not isinstance(x, tuple) else "")
@pytest.mark.parametrize("n", [1, 2, 7, 12])
@pytest.mark.parametrize("strict", [True, False])
def test_binomial_tails_at_and_beside_every_atom(law, description, n, strict):
    atoms = lattice(*description, n)
    sample = iid(law, n)
    gap = atoms[1][0] - atoms[0][0]
    levels = [a + shift * gap for a, _ in atoms for shift in (F(-1, 3), F(-1, 10**30), F(0), F(1, 10**30))]
    for level in (*levels, atoms[-1][0] + 5):
        above = sum((q for a, q in atoms if a > level or (a == level and not strict)), F(0))
        below = sum((q for a, q in atoms if a < level or (a == level and not strict)), F(0))
        total, average = sum_of(sample), mean(sample)
        assert_is(exact_tail(total - r(level), total, strict=strict), above)
        assert_is(exact_tail(r(level) - total, total, strict=strict), below)
        # A mean, and other slopes of both signs.
        assert_is(exact_tail(n * average - r(level), average, strict=strict), above)
        assert_is(exact_tail(average - r(level / n), average, strict=strict), above)
        assert_is(exact_tail(-sqrt(2) * total + sqrt(2) * r(level), total, strict=strict), below)
        assert_is(exact_tail(3 * (total - 1) - 3 * (r(level) - 1), total, strict=strict), above)


@pytest.mark.parametrize("strict", [True, False])
def test_both_sides_with_a_modulus(strict):
    n, law = 9, (0, 1, F(2, 5))
    atoms = lattice(*law, n)
    total = sum_of(iid(bernoulli(F(2, 5)), n))
    for centre in (F(18, 5), F(4), F(-1), F(9, 2)):
        for distance in (F(-1), F(0), F(1, 2), F(7, 5), F(2), F(13, 5), F(4), F(20)):
            event = sum(
                (q for a, q in atoms if abs(a - centre) > distance or (abs(a - centre) == distance and not strict)),
                F(0),
            )
            margin = Abs(total - r(centre)) - r(distance)
            assert_is(exact_tail(margin, total, strict=strict), event)
            scaled = 2 * Abs(3 * r(centre) - 3 * total) - 6 * r(distance)
            assert_is(exact_tail(scaled, total, strict=strict), event)


def test_irrational_thresholds_on_and_beside_an_atom():
    n = 10
    atoms = lattice(0, 1, F(1, 2), n)
    total = sum_of(iid(bernoulli(F(1, 2)), n))
    five = (sqrt(2) + sqrt(3)) ** 2 - 2 * sqrt(6)  # 5, unevaluated
    assert not five.is_Integer
    from_five, above_five = (sum((q for a, q in atoms if a > 5 or (tie and a == 5)), F(0)) for tie in (True, False))
    assert_is(exact_tail(total - five, total, strict=False), from_five)
    assert_is(exact_tail(total - five, total, strict=True), above_five)
    assert_is(exact_tail(five - total, total, strict=False), from_five)
    assert_is(exact_tail(five - total, total, strict=True), above_five)
    # Too close for floats, and for SymPy's floor, to tell.
    tiny = Rational(1, 10**80)
    for strict in (True, False):
        assert_is(exact_tail(total - 5 * exp(tiny), total, strict=strict), above_five)
        assert_is(exact_tail(total - 5 * exp(-tiny), total, strict=strict), from_five)
    # Irrational atoms: ±√2 each, so that the sum is 2√2 exactly when 6 of 10 are up.
    signs = sum_of(iid(rademacher(sqrt(2)), n))
    at_least_six = sum(F(math.comb(n, k), 2**n) for k in range(6, n + 1))
    more_than_six = at_least_six - F(math.comb(n, 6), 2**n)
    assert_is(exact_tail(signs - 2 * sqrt(2), signs, strict=False), at_least_six)
    assert_is(exact_tail(signs - 2 * sqrt(2), signs, strict=True), more_than_six)
    assert_is(exact_tail(signs - sqrt(8) - tiny, signs, strict=False), more_than_six)


@pytest.mark.parametrize("p", [0, 1])
def test_certain_variables(p):
    total = sum_of(iid(bernoulli(p), 4))
    for level in (0, 1, 4, 5):
        for strict in (True, False):
            sure = 4 * p > level or (4 * p == level and not strict)
            assert_is(exact_tail(total - level, total, strict=strict), F(sure))


def test_binomial_deep_tails():
    total = sum_of(iid(bernoulli(F(1, 10)), 400))
    tail = exact_tail(total - 390, total, strict=False)
    exact = sum(q for a, q in lattice(0, 1, F(1, 10), 400) if a >= 390)
    assert float(exact) == 0
    ratio = tail / (exact.numerator / arb(exact.denominator))
    assert interval(ratio) == (pytest.approx(1, rel=1e-14), pytest.approx(1, rel=1e-14))


@pytest.mark.parametrize("level", ["-3", "0", "0.3", "5", "30", "37.5"])
@pytest.mark.parametrize("n", [1, 9, 50])
def test_normal_sums_and_means(level, n):
    location, std = F(1, 3), F(5, 2)
    sample = iid(normal(location, std), n)
    with mpmath.workdps(60):
        upper = mpmath.erfc(mpmath.mpf(level) / mpmath.sqrt(2)) / 2
    total, average = sum_of(sample), mean(sample)
    margins = {
        total: total - n * r(location) - Rational(level) * r(std) * sqrt(n),
        average: average - r(location) - Rational(level) * r(std) / sqrt(n),
    }
    for statistic, margin in margins.items():
        for strict in (True, False):
            assert_is(exact_tail(margin, statistic, strict=strict), upper)
            reflected = margin.xreplace({statistic: 2 * r(location) * (n if statistic is total else 1) - statistic})
            assert_is(exact_tail(reflected, statistic, strict=strict), upper)
            if Rational(level) >= 0:
                size = n if statistic is total else 1
                centred = statistic - size * r(location)
                two = exact_tail(Abs(centred) + (margin - centred).expand(), statistic, strict=strict)
                assert_is(two, 2 * upper)


def survival(law, level):
    level = mpmath.mpf(level)
    if law == "normal":
        return mpmath.erfc((level - 1) / 2 / mpmath.sqrt(2)) / 2
    if law == "uniform":
        return min(max((2 - level) / 5, mpmath.mpf(0)), mpmath.mpf(1))
    return mpmath.exp(-3 * max(level, mpmath.mpf(0)))


@pytest.mark.parametrize("name", ["normal", "uniform", "exponential"])
@pytest.mark.parametrize("n", [1, 2, 30, 1000])
def test_maxima(name, n):
    law = {"normal": normal(1, 2), "uniform": uniform(-3, 2), "exponential": exponential(3)}[name]
    largest = maximum(iid(law, n))
    for level in ("-4", "-3", "-0.5", "0", "1", "1.9999", "2", "3", "20", "60"):
        with mpmath.workdps(60 + 800):
            exact = 1 - (1 - survival(name, level)) ** n
        for strict in (True, False):
            assert_is(exact_tail(largest - Rational(level), largest, strict=strict), exact)
            assert_is(exact_tail(2 * largest - 2 * Rational(level), largest, strict=strict), exact)


@pytest.mark.parametrize("strict", [True, False])
def test_maxima_of_two_point_variables(strict):
    largest = maximum(iid(two_point(-1, 2, F(1, 3)), 4))
    for level, exact in ((-2, 1), (-1, F(65, 81) if strict else 1), (0, F(65, 81)), (2, 0 if strict else F(65, 81))):
        assert_is(exact_tail(largest - level, largest, strict=strict), F(exact))


@pytest.mark.parametrize("strict", [True, False])
def test_small_balls(strict):
    """P(|S - 3| ≤ r): the ends belong to it unless strict."""
    total = sum_of(iid(bernoulli(F(1, 2)), 6))
    for radius in (F(-1), F(0), F(1, 2), F(1), F(2), F(7)):
        wanted = sum(
            (q for a, q in lattice(0, 1, F(1, 2), 6) if (abs(a - 3) < radius if strict else abs(a - 3) <= radius)), F(0)
        )
        assert_is(exact_tail(r(radius) - Abs(total - 3), total, strict=strict), wanted)


@pytest.mark.parametrize("n", [1, 2, 5, 50])
def test_sums_of_uniform_variables(n):
    """Irwin–Hall against the inclusion and exclusion of the cube's corners, from below and from above."""
    total = sum_of(iid(uniform(-1, 2), n))
    for share in (F(-1, 7), F(0), F(1, 9), F(1, 3), F(1, 2), F(9, 10), F(1), F(8, 7)):
        x = share * n
        below = sum(
            (F((-1) ** k * math.comb(n, k)) * max(x - k, F(0)) ** n for k in range(n + 1)), F(0)
        ) / math.factorial(n)
        level = -n + 3 * x
        assert_is(exact_tail(r(level) - total, total, strict=False), min(below, F(1)) if x < n else F(1))
        assert_is(exact_tail(total - r(level), total, strict=True), 1 - min(below, F(1)) if x < n else F(0))


def test_two_uniform_variables_by_geometry():
    total = sum_of(iid(uniform(0, 1), 2))
    assert_is(exact_tail(total - Rational(3, 2), total, strict=False), F(1, 8))
    assert_is(exact_tail(Rational(1, 3) - total, total, strict=False), F(1, 18))


@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("level", ["-1", "0", "0.2", "5", "60"])
def test_sums_of_exponential_variables(n, level):
    """Gamma tails are Poisson sums: P(Gamma(n) ≥ x) = P(Poisson(x) < n)."""
    total = sum_of(iid(exponential(3), n))
    with mpmath.workdps(60):
        x = 3 * max(mpmath.mpf(level), mpmath.mpf(0))
        above = mpmath.fsum(mpmath.exp(-x) * x**k / mpmath.factorial(k) for k in range(n))
        assert_is(exact_tail(total - Rational(level), total, strict=True), above)
        if Rational(level) <= 5:
            with mpmath.workdps(60):
                below = mpmath.gammainc(n, 0, x, regularized=True)
            assert_is(exact_tail(Rational(level) - total, total, strict=False), below)


def test_lower_tails_of_maxima():
    largest = maximum(iid(uniform(0, 1), 5))
    assert_is(exact_tail(Rational(1, 2) - largest, largest, strict=False), F(1, 32))
    atoms = maximum(iid(two_point(-1, 2, F(1, 3)), 4))
    assert_is(exact_tail(-1 - atoms, atoms, strict=False), F(16, 81))
    assert_is(exact_tail(-1 - atoms, atoms, strict=True), F(0))
    assert_is(exact_tail(2 - atoms, atoms, strict=True), F(16, 81))
    assert_is(exact_tail(2 - atoms, atoms, strict=False), F(1))


def test_tails_below_the_range_of_floats_stay_sharp():
    largest = maximum(iid(normal(0, 1), 100))
    total = sum_of(iid(normal(0, 1), 4))
    with mpmath.workdps(60):
        one = mpmath.erfc(mpmath.mpf(80) / mpmath.sqrt(2)) / 2
        assert one < mpmath.mpf(10) ** -1000
    for tail, exact in (
        (exact_tail(largest - 80, largest, strict=True), 100 * one),
        (exact_tail(total - 160, total, strict=True), one),
    ):
        assert mpmath.almosteq(mpmath.mpf(tail.mid().str(40, radius=False)), exact, rel_eps=1e-30)
        assert tail.rel_accuracy_bits() > 60


def test_what_it_does_not_know_it_leaves():
    many = sum_of(iid(uniform(0, 1), 3000))
    assert exact_tail(many - 1, many, strict=True) is None
    mixed = sum_of(independent(uniform(0, 1), normal(0, 1)))
    assert exact_tail(mixed - 1, mixed, strict=True) is None
    apart = sum_of(iid(two_point(0, 1, F(1, 2)), 2) ** 3 * sqrt(2) + 1)
    assert exact_tail(apart - 1, apart, strict=True) is not None


S = sum_of(iid(bernoulli(F(1, 2)), 6))
M = mean(iid(normal(0, 1), 6))


def test_products_that_expand_to_something_linear_are_read():
    exact = F(math.comb(6, 5) + 1, 2**6)
    assert_is(exact_tail((S - 1) * (S + 1) - S**2 + S - 4, S, strict=False), exact)
    assert_is(exact_tail(S - gamma(6) / 24, S, strict=False), exact)
