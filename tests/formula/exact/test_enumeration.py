"""Events about sums, extremes and several statistics at once, against enumeration of every variable."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from flint import arb
from formula.exact.oracle import assert_is, expectation, kolmogorov, probability, variance
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Integer, Max, Rational, exp, sqrt

from boundcheck import (
    bernoulli,
    discrete,
    iid,
    independent,
    kolmogorov_distance,
    maximum,
    mean,
    minimum,
    order_statistic,
    rademacher,
    sample_variance,
    sum_of,
    two_point,
    without_replacement,
)
from boundcheck.formula.exact import exact_expectation, exact_probability
from boundcheck.formula.exact.enumeration import chance_by_enumeration
from boundcheck.formula.exact.spaces import space_of
from boundcheck.formula.rigorous import precision

F = Fraction


def r(x):
    return Rational(F(x).numerator, F(x).denominator)


@st.composite
def laws(draw, most=3):
    values = draw(st.lists(st.fractions(-3, 3, max_denominator=3), min_size=2, max_size=most, unique=True))
    parts = draw(st.lists(st.integers(1, 5), min_size=len(values), max_size=len(values)))
    return {v: F(p, sum(parts)) for v, p in zip(values, parts, strict=True)}


def law_of(table):
    return discrete({r(v): r(p) for v, p in table.items()})


def tail(margin, strict):
    found = exact_probability(margin, strict=strict)
    return None if found is None else found.value


@settings(derandomize=True, deadline=None, max_examples=25)
@given(laws(), st.integers(2, 4), st.fractions(-4, 4, max_denominator=3), st.booleans())
def test_one_statistic_of_equal_laws(law, n, level, strict):
    X = iid(law_of(law), n)
    plain = {
        sum_of(X): sum,
        mean(X): lambda v: F(sum(v), n),
        maximum(X): max,
        minimum(X): min,
        order_statistic(X, 2): lambda v: sorted(v)[1],
        sample_variance(X): variance,
        kolmogorov_distance(X): lambda v: kolmogorov(v, law),
        sum_of(abs(X)): lambda v: sum(map(abs, v)),
        sum_of(X**2): lambda v: sum(x**2 for x in v),
        maximum(abs(X)): lambda v: max(map(abs, v)),
        order_statistic(1 - 2 * X, n - 1): lambda v: sorted(1 - 2 * x for x in v)[n - 2],
    }
    for statistic, value in plain.items():

        def above(v, value=value):
            return value(v) > level or (value(v) == level and not strict)

        def below(v, value=value):
            return value(v) < level or (value(v) == level and not strict)

        assert_is(tail(statistic - r(level), strict), probability(above, *[law] * n))
        assert_is(tail(r(level) - statistic, strict), probability(below, *[law] * n))
        assert_is(exact_expectation(statistic), expectation(lambda v, value=value: F(value(v)), *[law] * n))


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(laws(), min_size=2, max_size=3), st.fractions(-4, 4, max_denominator=3), st.booleans())
def test_statistics_of_different_laws(tables, level, strict):
    X = independent(*map(law_of, tables))
    for statistic, value in {sum_of(X): sum, maximum(X): max, minimum(X): min, order_statistic(X, 2): None}.items():

        def inside(v, value=value):
            at = value(v) if value else sorted(v)[1]
            return at > level or (at == level and not strict)

        assert_is(tail(statistic - r(level), strict), probability(inside, *tables))


@settings(derandomize=True, deadline=None, max_examples=25)
@given(laws(), st.integers(2, 4), st.fractions(-4, 4, max_denominator=3), st.booleans())
def test_several_statistics_at_once(law, n, level, strict):
    X = iid(law_of(law), n)
    margin = maximum(X) * sum_of(X) - Abs(minimum(X) - r(level)) + sample_variance(X)

    def value(v):
        return max(v) * sum(v) - abs(min(v) - level) + variance(v)

    assert_is(
        tail(margin, strict),
        probability(lambda v: value(v) > 0 or (value(v) == 0 and not strict), *[law] * n),
    )
    assert_is(exact_expectation(margin), expectation(value, *[law] * n))
    assert_is(exact_expectation(sum_of(X) ** 2 * mean(X)), expectation(lambda v: F(sum(v) ** 3, n), *[law] * n))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(laws(2), st.integers(1, 70), st.fractions(0, 1, max_denominator=40), st.booleans(), st.sampled_from([1, -1]))
def test_closed_forms_agree_with_enumeration(law, n, share, strict, side):
    low, high = sorted(law)
    X = iid(two_point(r(low), r(high), r(law[high])), n)
    level = n * (low + share * (high - low))
    for statistic in (sum_of(X), mean(X), maximum(X), minimum(X), order_statistic(X, (n + 1) // 2)):
        margin = side * (statistic - r(level) / (n if statistic != sum_of(X) else 1))
        enumerated = chance_by_enumeration(space_of(margin), margin, strict=strict)
        found = tail(margin, strict)
        assert found == enumerated if n <= 50 else arb(found).overlaps(arb(enumerated))


def test_strictness_at_every_atom_of_a_sum_on_an_irrational_lattice():
    """±√2/2 each, and values that share a lattice only after a shift."""
    half = {F(-1): F(1, 2), F(1): F(1, 2)}
    total = sum_of(iid(rademacher(sqrt(2) / 2), 5))
    shifted = sum_of(iid(discrete({sqrt(3) - 1: "1/2", sqrt(3) + 1: "1/2"}), 5))
    for k in range(-5, 6):
        above = {False: probability(lambda v, k=k: sum(v) >= k, *[half] * 5)}
        above[True] = probability(lambda v, k=k: sum(v) > k, *[half] * 5)
        for strict in (False, True):
            assert_is(tail(total - k * sqrt(2) / 2, strict), above[strict])
            assert_is(tail(total - k / sqrt(2), strict), above[strict])
            assert_is(tail(shifted - k - 5 * sqrt(3), strict), above[strict])
            assert_is(tail(shifted - k - sqrt(75), strict), above[strict])
        nearly = Rational(1, 10**60)
        assert_is(tail(total - k / sqrt(2) - nearly, False), above[True])
        assert_is(tail(total - k / sqrt(2) + nearly, True), above[False])


def test_values_without_a_lattice():
    law = discrete({-1: "1/4", 0: "1/2", sqrt(2): "1/4"})
    table = {(-1, 0): F(1, 4), (0, 0): F(1, 2), (0, 1): F(1, 4)}
    X = iid(law, 4)
    for whole, roots in ((-1, 1), (0, 2), (-2, 0), (-2, 1)):

        def distance(v, whole=whole, roots=roots):
            a, b = sum(x for x, _ in v) - whole, sum(y for _, y in v) - roots
            return 0 if (a, b) == (0, 0) else a + b * 2**0.5

        for strict in (False, True):
            ties = F(0) if strict else probability(lambda v, d=distance: d(v) == 0, *[table] * 4)
            wanted = ties + probability(lambda v, d=distance: d(v) > 0, *[table] * 4)
            assert_is(tail(sum_of(X) - whole - roots * sqrt(2), strict), wanted)
    assert_is(tail(maximum(X) - sqrt(2), False), 1 - F(3, 4) ** 4)
    assert_is(tail(maximum(X) - sqrt(2), True), F(0))


def test_ends_of_a_law_that_are_no_floats():
    largest = maximum(iid(two_point(0, "100000/11", F(1, 2)), 8))
    assert_is(tail(11 * largest - 100000, False), 1 - F(1, 2**8))
    assert_is(tail(11 * largest - 100000, True), F(0))
    pair = 11 * largest * Max(largest, 1) - Rational(100000**2, 11)
    assert_is(tail(pair, False), 1 - F(1, 2**8))
    assert_is(tail(pair, True), F(0))


def test_constants_that_cancel():
    total = sum_of(independent(bernoulli(F(1, 2)), bernoulli(F(1, 2))))
    small = 10**25 * sqrt(2) - 14142135623730950488016887  # between 0 and 1
    assert_is(tail(10 - small - total, False), F(1))
    assert_is(tail(total - 10 + small, False), F(0))
    assert_is(tail(total**2 * total - 1000 + small, False), F(0))


def test_an_irrational_share():
    with precision(200):
        p = arb(-1).exp()
        wanted = 3 * p**2 * (1 - p) + p**3
    assert_is(tail(sum_of(iid(bernoulli(exp(-1)), 3)) - 2, False), wanted)


@pytest.mark.parametrize("n", [50, 300, 10_000])
def test_many_two_valued_variables(n):
    """S² - nS ≥ c is S ≥ some level or S ≤ its mirror image: closed forms against enumeration."""
    total = sum_of(iid(bernoulli(F(1, 2)), n))
    k = n // 2 + n // 5
    one = exact_probability(total - k, strict=False).value
    both = tail(total**2 - n * total - (k**2 - n * k), False)
    with precision(200):
        ratio = arb(both / one)
        assert ratio.contains(2)
        assert ratio.rad() < 1e-25


@pytest.mark.parametrize("strict", [True, False])
def test_draws_without_replacement(strict):
    """Six of ten numbers, four of which are 2 and the others -1."""
    population = [F(2)] * 4 + [F(-1)] * 6
    draws = list(permutations(population, 3))
    X = without_replacement(two_point(-1, 2, F(2, 5)), population=10, drawn=3)
    plain = {sum_of(X): sum, maximum(X): max, sample_variance(X): variance, sum_of(-X): lambda v: -sum(v)}
    for statistic, value in plain.items():
        for level in (-3, -1, 0, 2, 3, 6):
            inside = sum(value(v) > level or (value(v) == level and not strict) for v in draws)
            assert_is(tail(statistic - level, strict), F(inside, len(draws)))
        assert_is(exact_expectation(statistic**2), F(sum(F(value(v)) ** 2 for v in draws), len(draws)))


def test_a_planted_error_is_seen():
    """An event off by one atom, or a strictness turned round, changes the fraction."""
    law = {F(0): F(2, 3), F(1): F(1, 3)}
    total = sum_of(iid(bernoulli(F(1, 3)), 6))
    for k in range(6):
        right = probability(lambda v, k=k: sum(v) >= k, *[law] * 6)
        assert tail(total - k, False) == tail(total - k + Rational(1, 9), False)
        assert tail(total - k - 1, False) < tail(total - k, False)
        assert tail(total - k, True) == tail(total - k - 1, False)
        assert_is(tail(total - k, False), right)
        with pytest.raises(AssertionError):
            assert_is(tail(total - k, True), right)


def test_what_has_too_many_outcomes_is_left():
    law = discrete({Integer(k) ** 2 + k * sqrt(2): "1/8" for k in range(8)})
    X = iid(law, 40)
    assert exact_probability(sum_of(X) - 3, strict=True) is None
    assert exact_expectation(maximum(X) * sum_of(X)) is None
