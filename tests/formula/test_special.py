"""Quantiles against their definitions: rational arithmetic over every count, and mpmath's Beta law."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product

import mpmath
import numpy as np
import pytest
from sympy import Rational, nan, sympify

from boundcheck.formula import special
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.domain import real
from boundcheck.statement.functions import BetaQuantile, HypergeometricBound

HALF = Rational(1, 2)
DELTAS = (Fraction(1, 2), Fraction(1, 10), Fraction(1, 100), Fraction(1, 10**9))
SMALL = [
    (population, marked, drawn)
    for population in (1, 2, 3, 5, 8, 13, 30)
    for marked, drawn in product(
        sorted({0, 1, 2, population // 3, population // 2, population - 1, population}), repeat=2
    )
    if marked <= population and 1 <= drawn <= population
]


@lru_cache
def hypergeometric_tail(population: int, marked: int, drawn: int, count: int) -> Fraction:
    """P(X ≥ count), by counting."""
    ways = sum(
        math.comb(marked, x) * math.comb(population - marked, drawn - x)
        for x in range(max(count, 0), min(marked, drawn) + 1)
        if drawn - x <= population - marked
    )
    return Fraction(ways, math.comb(population, drawn))


@lru_cache
def hoeffding_tail(population: int, marked: int, drawn: int, count: int) -> mpmath.mpf:
    """The smaller of Hoeffding's two bounds of P(X ≥ count), with powers instead of logarithms."""
    if count > min(marked, drawn):
        return mpmath.mpf(0)
    if count * population <= marked * drawn:
        return mpmath.mpf(1)

    def one(size: int, others: int) -> mpmath.mpf:
        p, rest = mpmath.mpf(others) / population, size - count
        q = mpmath.mpf(count) / size
        return (p / q) ** count * (((1 - p) / (1 - q)) ** rest if rest else 1)

    return min(one(drawn, marked), one(marked, drawn))


def as_number(fraction: Fraction) -> Rational:
    return Rational(fraction.numerator, fraction.denominator)


def float_bound(population, marked, drawn, delta):
    return special.hypergeometric_bound(population, marked, drawn, float(delta))


def rigorous_bound(population, marked, drawn, delta):
    low, high = enclose(HypergeometricBound(population, marked, drawn, as_number(delta)))
    # Where Hoeffding's bound equals delta exactly, balls leave two counts open; the upper end is the safe one.
    assert low == high or high - low == pytest.approx(1, abs=1e-8)
    return low if low == high else round(low)


@pytest.mark.parametrize("bound", [float_bound, rigorous_bound])
@pytest.mark.parametrize("delta", DELTAS, ids=str)
def test_hypergeometric_bound_is_the_least_count_with_its_tail_and_a_valid_quantile(bound, delta):
    assert len(SMALL) > 150
    for case in SMALL:
        found = bound(*case, delta)
        with mpmath.workdps(40):
            least = next(
                c
                for c in range(case[0] + 1)
                if hoeffding_tail(*case, c + 1) <= mpmath.mpf(delta.numerator) / delta.denominator
            )
        assert found == least, case
        assert hypergeometric_tail(*case, int(found) + 1) <= delta, case


def test_hoeffdings_tail_is_above_the_exact_one_and_the_exponent_is_its_logarithm():
    for case in SMALL:
        for count in range(case[0] + 2):
            exact = hypergeometric_tail(*case, count)
            exponent = special.hypergeometric_exponent(count, *case)
            with mpmath.workdps(40):
                bound = hoeffding_tail(*case, count)
                assert mpmath.mpf(exact.numerator) / exact.denominator <= bound * (1 + mpmath.mpf(10) ** -30)
            assert math.exp(-exponent) == pytest.approx(float(bound), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("bound", [float_bound, rigorous_bound])
def test_edges_of_the_hypergeometric_law(bound):
    for population, size in ((1, 1), (7, 3), (50, 20)):
        assert bound(population, 0, size, Fraction(1, 100)) == 0
        assert bound(population, population, size, Fraction(1, 100)) == size
        assert bound(population, size, population, Fraction(1, 100)) == size
        assert bound(population, size, size, Fraction(1, 10**30)) == size


def test_hypergeometric_bound_at_a_tie_is_not_left_to_rounding():
    # drawn = 1: P(X ≥ 1) = marked / population exactly, and so is Hoeffding's bound: delta at the tie must give 0.
    for population, marked in ((3, 1), (7, 3), (10, 1), (49, 7)):
        tie = Fraction(marked, population)
        low, high = enclose(HypergeometricBound(population, marked, 1, as_number(tie)))
        assert low == pytest.approx(0, abs=1e-8)
        assert high in (0, pytest.approx(1, abs=1e-8))
        assert rigorous_bound(population, marked, 1, tie - Fraction(1, 10**12)) == 1
        assert rigorous_bound(population, marked, 1, tie + Fraction(1, 10**12)) == 0


def test_a_smaller_delta_never_lowers_a_quantile():
    deltas = np.geomspace(1e-30, 0.9, 60)
    for case in ((65536, 2352, 256), (10**6, 10**4, 1000), (30, 7, 11)):
        counts = [special.hypergeometric_bound(*case, d) for d in deltas]
        assert all(a >= b for a, b in pairwise(counts))
        assert counts[0] > counts[-1] >= case[1] * case[2] // case[0]
    thresholds = [special.beta_quantile(2353.0, 63184.0, d) for d in deltas]
    assert all(a > b for a, b in pairwise(thresholds))


def test_the_counts_of_a_large_layer_lie_just_above_the_exact_quantile():
    population, marked, drawn, delta = 65536, 2352, 256, Fraction(1, 10**5)
    exact = next(c for c in range(drawn) if hypergeometric_tail(population, marked, drawn, c + 1) <= delta)
    assert exact <= float_bound(population, marked, drawn, delta) <= exact + 4


def beta_tail(a, b, x: float) -> mpmath.mpf:
    """P(Beta(a, b) > x); for integers as P(Binomial(a + b - 1, x) < a), term by term."""
    x = mpmath.mpf(x)
    if a != int(a) or b != int(b):
        return mpmath.betainc(mpmath.mpf(b), mpmath.mpf(a), 0, 1 - x, regularized=True)
    n = int(a + b) - 1
    term = total = (1 - x) ** n
    for j in range(1, int(a)):
        if x < 1:
            term *= x / (1 - x) * (n - j + 1) / j
        total += term
    return total


BETAS = [(1, 1), (1, 9), (5, 3), (2353, 63184), (11, 10**7), (Rational(1, 2), Rational(7, 2))]


@pytest.mark.parametrize(("a", "b"), BETAS, ids=str)
@pytest.mark.parametrize("delta", ["0.5", "0.01", "1e-12", "1e-100"])
def test_beta_quantile_has_its_tail(a, b, delta):
    low, high = enclose(BetaQuantile(a, b, Rational(delta)))
    assert 0 < low < high <= 1 + 1e-15
    assert high <= low * (1 + 1e-11)
    with mpmath.workdps(120):
        assert beta_tail(a, b, min(high, 1.0)) <= mpmath.mpf(delta) <= beta_tail(a, b, low)
    # The float quantile errs to the safe side, and by next to nothing.
    assert high * (1 - 1e-11) <= special.beta_quantile(float(a), float(b), float(delta)) <= min(1.0, high * (1 + 1e-8))


def test_beta_quantiles_in_closed_form():
    for n in (1, 2, 10, 1000):
        for delta in (0.3, 1e-3, 1e-9):
            assert special.beta_quantile(n, 1, delta) == pytest.approx((1 - delta) ** (1 / n), rel=3e-9)
            assert special.beta_quantile(1, n, delta) == pytest.approx(1 - delta ** (1 / n), rel=3e-9)


def test_nothing_kept_puts_the_threshold_at_its_largest():
    assert special.beta_quantile(5, 0, 0.01) == 1
    assert enclose(BetaQuantile(5, 0, Rational(1, 100))) == (1, 1)
    assert special.beta_quantile(0, 5, 0.01) == 0
    assert enclose(BetaQuantile(0, 5, Rational(1, 100))) == (0, 0)


def test_where_there_is_no_beta_law_there_is_no_quantile():
    a, b, delta = (real(name) for name in ("a", "b", "delta"))
    quantile = BetaQuantile(a, b, delta)
    outside = [(-1, 2, HALF), (2, -1, HALF), (0, 0, HALF), (2, 3, -HALF), (2, 3, 3 * HALF)]
    for values in outside:
        assert BetaQuantile(*values) is nan
        assert quantile.xreplace(dict(zip((a, b, delta), map(sympify, values), strict=True))) is nan
    for values in outside[:3]:
        point = dict(zip((a, b, delta), map(sympify, values), strict=True))
        assert enclose(quantile, point) == (-math.inf, math.inf)
        assert math.isnan(special.beta_quantile(*map(float, values)))


@pytest.mark.parametrize(
    ("base", "numerator", "denominator"),
    [
        (10**6, 2, 3),
        (10**9, 1, 3),
        (1000**2, 1, 3),
        (2**30, 7, 10),
        (3**20, 3, 4),
        (10**12, 5, 6),
        (65536, 1, 2),
        (65536, 7, 10),
        (999999, 2, 3),
    ],
)
def test_floor_of_a_power_is_exact(base, numerator, denominator):
    power = base**numerator
    exact = round(power ** (1 / denominator))
    while exact**denominator > power:
        exact -= 1
    while (exact + 1) ** denominator <= power:
        exact += 1
    assert special.exact_floor(float(base) ** (numerator / denominator)) == exact


def test_exact_floor_rounds_down_what_is_clearly_no_integer():
    assert special.exact_floor(2.999999) == 2
    assert special.exact_floor(3 - 1e-14) == 2
    assert special.exact_floor(-0.5) == -1
    assert special.exact_floor(0.0) == 0


@pytest.mark.parametrize("q", [0.0, 0.3, 1.0])
def test_divergence(q):
    for p in (0.1, 0.3, 0.9):

        def entropy(x, y):
            return 0 if x == 0 else x * math.log(x / y)

        assert special.bernoulli_divergence(q, p) == pytest.approx(entropy(q, p) + entropy(1 - q, 1 - p), abs=1e-15)
    assert special.bernoulli_divergence(0.3, 0.3) == 0
