"""Tails of binomial laws of any size against counting, and the quantiles of Beta laws that rest on them."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from flint import arb, fmpq
from sympy import Rational

from boundcheck.formula.exact.binomial import binomial_limits, binomial_tail
from boundcheck.formula.numeric import evaluate
from boundcheck.formula.rigorous import beta_quantile, enclose, precision
from boundcheck.formula.special import beta_quantile as float_quantile
from boundcheck.statement.functions import BetaQuantile

CASES = [
    (n, k, Fraction(x, 97)) for n in (1, 2, 5, 40, 200) for k in {0, 1, n // 3, n - 1} if k < n for x in (1, 20, 48, 90)
]


def counted(n: int, k: int, x: Fraction) -> Fraction:
    """P(Binomial(n, x) ≤ k)."""
    return sum((comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(k + 1)), Fraction(0))


def ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


@pytest.mark.parametrize(("n", "k", "x"), CASES)
def test_tails_against_counting(n, k, x):
    with precision(128):
        exact, found = ball(counted(n, k, x)), binomial_tail(n, k, ball(x))
        assert found.contains(exact) or abs(found - exact) < exact * 2**-40
        assert found.rel_accuracy_bits() > 40
        low, high = binomial_limits(n, k, ball(x))
        assert low <= exact or low.overlaps(exact)
        assert exact <= high or high.overlaps(exact)
        if 0 < k < n - 1 and exact < 0.999:  # limits exchanged, or one step too far, would be seen
            assert low < exact < high
            _, below = binomial_limits(n, k - 1, ball(x))
            assert not below > exact


@pytest.mark.parametrize("delta", ["0.6", "0.01", "1e-12"])
@pytest.mark.parametrize(("a", "b"), [(1, 10**9), (1001, 10**6), (10**6, 10**12), (10**8, 10**16), (10**12, 10**24)])
def test_quantiles_of_large_parameters(a, b, delta):
    low, high = enclose(BetaQuantile(a, b, Rational(delta)))
    assert 0 < low < high <= low * (1 + max(3e-9 if a > 3e7 else 3e-12, 7 / a if a > 3e7 else 0))
    found = evaluate(BetaQuantile(a, b, Rational(delta)))
    assert low <= found <= high * (1 + 2e-9)
    with precision(128):
        coarse = beta_quantile(arb(a), arb(b), ball(Fraction(delta)), coarse=True)
        assert coarse.lower() <= high
        assert coarse.upper() >= low


def test_where_scipy_has_no_quantile_the_normal_limits_serve():
    for a, b in [(10**20, 10**24), (10**23, 9 * 10**23), (10**22, 10**30)]:
        for delta in ("0.3", "1e-9", "0.7"):
            low, high = enclose(BetaQuantile(a, b, Rational(delta)))
            assert low * (1 - 1e-9) <= float_quantile(float(a), float(b), float(delta)) <= high * (1 + 3e-9)
            assert high <= low * (1 + 1e-9)


def test_small_sizes_agree_with_the_large_path():
    for a, b in [(3, 8), (50, 900), (400, 9000)]:
        low, high = enclose(BetaQuantile(a, b, Rational(1, 100)))
        with precision(128):
            assert binomial_tail(a + b - 1, a - 1, arb(low)) >= arb(fmpq(1, 100))
            assert binomial_tail(a + b - 1, a - 1, arb(high)) <= arb(fmpq(1, 100))
