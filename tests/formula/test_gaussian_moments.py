"""Moments of Gaussian matrices against plain counting: of index words, and of walks on a bidiagonal matrix."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import pytest
from sympy import Integer, Rational, S, cos, log, sin

from boundcheck import integer, real
from boundcheck.formula import gaussian_moments
from boundcheck.formula.export import to_latex, to_python
from boundcheck.formula.gaussian_moments import ORDERS, moment, moment_quantile, moment_tail, moments
from boundcheck.formula.numeric import compile_expression, evaluate
from boundcheck.formula.rigorous import enclose, exact_moment
from boundcheck.statement.functions import MomentQuantile, MomentTail

CENT = Rational(1, 100)


def odd_factorial(k):
    """(2k-1)!! = E g^{2k}."""
    return math.prod(range(1, 2 * k, 2))


def by_words(q, m, n):
    """Σ over i_1 j_1 … i_q j_q of E g_{i1 j1} g_{i2 j1} g_{i2 j2} … g_{i1 jq}."""
    total = 0
    for rows in product(range(m), repeat=q):
        for columns in product(range(n), repeat=q):
            powers = Counter()
            for step in range(q):
                powers[rows[step], columns[step]] += 1
                powers[rows[(step + 1) % q], columns[step]] += 1
            if all(p % 2 == 0 for p in powers.values()):
                total += math.prod(odd_factorial(p // 2) for p in powers.values())
    return total


def by_walks(q, m, n):
    """The same with G brought to a lower bidiagonal matrix of independent chi variables (J. W. Silverstein 1985).

    A closed walk of 2q steps on the path of their 2n - 1 entries takes each entry e an even number 2 k_e of times, on
    consecutive entries. From its lowest vertex there are Π C(k_e + k_{e+1} - 1, k_{e+1}) such walks, so q / k_first
    times as many from any vertex of a row; E chi_d^{2k} = d (d + 2) … (d + 2k - 2).
    """
    m, n = max(m, n), min(m, n)
    degrees = [d for i in range(n) for d in (m - i, n - 1 - i)][: 2 * n - 1]

    def chi(d, k):
        return math.prod(range(d, d + 2 * k, 2))

    def rest(place, before, left):
        if left == 0:
            return 1
        if place == len(degrees):
            return 0
        return sum(
            math.comb(before + k - 1, k) * chi(degrees[place], k) * rest(place + 1, k, left - k)
            for k in range(1, left + 1)
        )

    total = sum(
        Rational(q, k) * chi(degree, k) * rest(place + 1, k, q - k)
        for place, degree in enumerate(degrees)
        for k in range(1, q + 1)
    )
    return int(total) if total.is_Integer else None


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 3), (2, 2), (2, 3), (3, 3)])
@pytest.mark.parametrize("q", [1, 2, 3])
def test_moments_by_index_words(q, m, n):
    assert moment(q, m, n) == moment(q, n, m) == by_words(q, m, n)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 5), (2, 2), (3, 2), (4, 4), (7, 3), (30, 20)])
def test_moments_by_walks(m, n):
    assert [moment(q, m, n) for q in range(1, 11)] == [by_walks(q, m, n) for q in range(1, 11)]


def test_moments_of_the_first_orders_and_of_a_single_row():
    for m, n in product((1, 2, 5, 300), repeat=2):
        assert moment(1, m, n) == m * n
        assert moment(2, m, n) == m * n * (m + n + 1)
        assert moment(3, m, n) == m * n * (m * m + n * n + 3 * m * n + 3 * m + 3 * n + 4)
    for q in (1, 2, 7, 100):
        assert moment(q, 1, 1) == odd_factorial(q)
        assert moment(q, 1, 9) == math.prod(range(9, 9 + 2 * q, 2))
    assert moment(3, 0, 5) == 0


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 2), (1, 300), (2, 2), (5, 9), (40, 40), (64, 256), (1024, 1023)])
def test_the_recursion_is_the_sum_over_partitions(m, n):
    found = moments(m, n, ORDERS[-1])
    assert found[:40] == tuple(moment(q, m, n) for q in range(1, 41))
    assert all(found[q - 1] == moment(q, m, n) for q in ORDERS)
    assert moments(m, n, 2) == found[:2]


def test_the_recursion_is_the_sum_as_polynomials_for_small_orders():
    """Both are polynomials of degree at most q in m and in n: equal on a grid of q + 1 points each, they are equal."""
    most = 12
    for m, n in product(range(1, most + 2), repeat=2):
        assert moments(m, n, most) == tuple(moment(q, m, n) for q in range(1, most + 1))


@pytest.mark.slow
def test_the_recursion_is_proved_up_to_order_64():
    """Symmetric polynomials of total degree q + 1 that agree where m + n ≤ q + 3: see the proof at `moments`."""
    most = 64
    for m in range(1, most + 3):
        for n in range(m, most + 4 - m):
            found = moments(m, n, most)
            for q in range(max(1, m + n - 3), most + 1):
                assert found[q - 1] == exact_moment_by_sum(q, m, n)


def exact_moment_by_sum(q, m, n):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaussian_moments, "PROVED", 0)
        return int(exact_moment.__wrapped__(q, m, n))


def test_exact_moments_by_either_way():
    for q, m, n in [(1, 1, 1), (5, 3, 8), (64, 40, 41), (140, 12, 300), (256, 5, 7), (30, 10**12, 10**12 - 1)]:
        assert int(exact_moment(q, m, n)) == exact_moment_by_sum(q, m, n) == moment(q, m, n)


def test_the_sum_of_moments_behind_the_closed_form():
    """l + Σ u^{2q} M_q/(2q)! ≤ l (e^{uM + u²/2} + 1)/2; and not without u²/2, nor with √max(m, n) for M."""
    for m, n in [(1, 1), (1, 5), (3, 4), (6, 2), (20, 30)]:
        low, mean = min(m, n), math.sqrt(m) + math.sqrt(n)
        found = moments(m, n, 128)
        for u in (0.1, 0.5, 1.0, 2.0, 3.0):
            total = low + sum(math.exp(2 * q * math.log(u) + math.log(x) - math.lgamma(2 * q + 1))
                              for q, x in enumerate(found, start=1))  # fmt: skip
            assert total <= low * (math.exp(u * mean + u * u / 2) + 1) / 2
            if m == n == 1:
                assert total == pytest.approx(math.exp(u * u / 2))
                assert total > (math.exp(u * u / 2) + 1) / 2  # M = 0
    assert 2 * math.exp(8.0) > math.exp(2 * 4.0) + 1  # E cosh(4g) is above (e^{uM} + 1)/2 with M = 2


LARGE = [(65537, 65537), (1, 10**6), (10, 10**12), (10**12, 10**12)]


@pytest.mark.parametrize(("m", "n"), LARGE)
@pytest.mark.parametrize("level", [0, Rational(7, 10), 5, 700])
def test_large_sizes_have_the_closed_form(m, n, level):
    t = moment_quantile(m, n, float(level))
    low, high = enclose(MomentQuantile(m, n, level))
    assert low <= high <= low * (1 + 1e-14)
    assert low * (1 - 1e-14) <= t <= high * (1 + 1e-14)
    mean = math.sqrt(m) + math.sqrt(n)
    assert mean <= t <= mean + math.sqrt(2 * (level + math.log(2 * min(m, n))))
    tail_low, tail_high = enclose(MomentTail(m, n, Rational(t)))
    assert -math.log(tail_high) == pytest.approx(float(level), rel=1e-6, abs=1e-6)
    assert moment_tail(m, n, t) == pytest.approx(tail_high, rel=1e-6)
    assert tail_low <= tail_high


def test_the_closed_form_takes_over_without_a_jump_upwards():
    size = gaussian_moments.LARGE
    for level in (0.1, 5.0, 50.0):
        assert moment_quantile(size + 1, size + 1, level) <= moment_quantile(size, size, level) * 1.01


def least(m, n, level, orders=ORDERS):
    return math.exp(min((math.log(moment(q, m, n)) + level) / (2 * q) for q in orders))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (3, 8), (64, 48), (256, 256)])
@pytest.mark.parametrize("level", [0.0, 0.7, 4.6, 30.0, 700.0])
def test_quantiles_and_tails_as_floats(m, n, level):
    t = moment_quantile(m, n, level)
    assert t == pytest.approx(least(m, n, level), rel=1e-12)
    assert moment_quantile(n, m, level) == t
    assert math.log(moment_tail(m, n, t)) == pytest.approx(-level, rel=1e-9, abs=1e-9)
    if level < 100:
        assert t <= least(m, n, level, range(1, 257)) * 1.002


def test_edges_of_quantiles_and_tails():
    assert moment_quantile(0, 5, 3.0) == moment_tail(0, 5, 3.0) == 0
    assert moment_tail(4, 5, 0.0) == moment_tail(4, 5, -1.0) == 1
    assert moment_tail(4, 5, 1.0) == 1
    assert math.isnan(moment_quantile(math.nan, 5, 3.0))
    assert math.isnan(moment_tail(4, math.inf, 3.0))
    assert moment_quantile(4, 5, 1e9) == math.inf
    assert moment_quantile(3.2, 5, 2.0) == moment_quantile(4, 5, 2.0)
    assert evaluate(MomentQuantile(0, 5, 3)) == 0
    assert enclose(MomentQuantile(0, 5, 3)) == (0, 0)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (3, 8), (64, 48), (256, 256)])
@pytest.mark.parametrize("delta", ["1", "0.5", "0.01", "1e-12", "1e-100"])
def test_enclosures_hold_the_least_over_all_orders(m, n, delta):
    level = log(1 / Rational(delta))
    low, high = enclose(MomentQuantile(m, n, level))
    t = evaluate(MomentQuantile(m, n, level))
    assert low <= high <= low * (1 + 1e-10)
    assert low * (1 - 1e-11) <= t <= high * (1 + 1e-11)
    tail_low, tail_high = enclose(MomentTail(m, n, Rational(t)))
    assert tail_low * (1 - 1e-9) <= float(Rational(delta)) <= tail_high * (1 + 1e-9)


def test_enclosures_where_sizes_are_balls():
    m = integer("m", min=1)
    expression = MomentQuantile(10 * m * (sin(1) ** 2 + cos(1) ** 2), 7, 3)
    low, high = enclose(expression, {m: Integer(2)})
    assert low <= moment_quantile(20, 7, 3.0) <= high * (1 + 1e-12)
    assert high <= moment_quantile(21, 7, 3.0) * (1 + 1e-8)


def test_a_formula_with_moments_in_every_form():
    m, n, delta = integer("m", min=1), integer("n", min=1), real("delta", min=0, max=1)
    formula = 2 * MomentQuantile(m, n, log(3 / delta))
    assert to_latex(formula) == (r"2 \left(\min_q \left(\frac{3}{\delta}\, M_q(m, n)\right)^{1/(2q)}\right)")
    assert "min_q" in to_latex(MomentTail(m, n, delta) ** 2)
    source = to_python("bound", formula, [m, n, delta], "A bound.")
    space = {}
    exec(source, space)
    compiled = compile_expression(formula, (m, n, delta))
    assert space["bound"](5, 6, 0.1) == pytest.approx(compiled(5, 6, 0.1), rel=1e-14)
    values = compiled([5, 6], 6, 0.1)
    assert values.shape == (2,)
    assert values[0] == pytest.approx(2 * least(5, 6, math.log(30)))
    low, high = enclose(formula, {m: Integer(5), n: Integer(6), delta: Rational(1, 10)})
    assert low <= values[0] * (1 + 1e-12) <= high * (1 + 1e-11)
    assert MomentTail(2, 2, S.Zero).is_nonnegative
