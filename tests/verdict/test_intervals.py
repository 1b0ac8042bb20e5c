"""Limits against brute-force binomial sums in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.intervals import (
    _towards,
    binomial_lower,
    binomial_upper,
    trials_to_confirm,
    trials_to_decide,
)

BETAS = (0.2, 0.05, 0.01, 1e-6)


def pmf(n: int, p: Fraction) -> list[Fraction]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


@pytest.mark.parametrize("beta", BETAS)
def test_limits_solve_the_tail_equations_from_the_safe_side(beta):
    for n in (1, 2, 3, 7, 20, 30):
        for k in range(n + 1):
            low, high = binomial_lower(k, n, beta), binomial_upper(k, n, beta)
            assert 0 <= low <= k / n <= high <= 1
            at_least, at_most = sum(pmf(n, Fraction(low))[k:]), sum(pmf(n, Fraction(high))[: k + 1])
            # Rounding may only lower the tail; and it lowers it by next to nothing. (Near p = 1 a float has
            # too few digits for the second.)
            assert (low == 0) == (k == 0)
            assert k == 0 or at_least <= Fraction(beta)
            assert k == 0 or at_least > Fraction(beta) * (1 - Fraction(1, 10**6))
            if k < n:
                assert at_most <= Fraction(beta)
                assert high > 1 - 1e-5 or at_most > Fraction(beta) * (1 - Fraction(1, 10**6))


@pytest.mark.parametrize("beta", [0.2, 0.05, 0.001])
def test_coverage_is_at_least_nominal(beta):
    for n in range(1, 31):
        lows = [Fraction(binomial_lower(k, n, beta)) for k in range(n + 1)]
        highs = [Fraction(binomial_upper(k, n, beta)) for k in range(n + 1)]
        # The coverage jumps at the limits themselves: test there as well as on a grid.
        for p in {*(Fraction(i, 23) for i in range(24)), *lows[::7], *highs[::7]}:
            weights = pmf(n, p)
            assert sum(w for w, low in zip(weights, lows, strict=True) if low > p) <= Fraction(beta)
            assert sum(w for w, high in zip(weights, highs, strict=True) if high < p) <= Fraction(beta)


def test_a_wrong_inverse_would_only_widen_the_interval():
    assert 0.1 < _towards(0.0, 0.5, lambda p: p < 0.4) < 0.4
    assert 0.6 < _towards(1.0, 0.5, lambda p: p > 0.6) < 1.0
    for end in (0.0, 1.0):
        assert _towards(end, 0.5, lambda p: False) == end
        assert _towards(end, math.nan, lambda p: p > 0) == end


@pytest.mark.parametrize(
    ("k", "n", "beta"),
    [(3, 285, 1e-3), (500, 10**5, 1e-4), (5, 10**9, 1e-3), (40, 10**6, 1e-12), (900, 10_000, 1e-9)],
)
def test_limits_of_large_samples_agree_with_mpmath(k, n, beta):
    with mpmath.workdps(50):
        low, high = binomial_lower(k, n, beta), binomial_upper(k, n, beta)
        at_least = mpmath.betainc(k, n - k + 1, 0, low, regularized=True)
        at_most = mpmath.betainc(k + 1, n - k, high, 1, regularized=True)
        for tail in (at_least, at_most):
            assert beta * (1 - 1e-6) < tail <= beta


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 5000), st.data())
def test_limits_rise_with_violations_and_fall_with_trials(n, data):
    k = data.draw(st.integers(0, n - 1))
    beta = data.draw(st.floats(1e-9, 0.4))
    assert binomial_lower(k, n, beta) < binomial_lower(k + 1, n, beta)
    assert binomial_upper(k, n, beta) <= binomial_upper(k + 1, n, beta)
    assert binomial_lower(k, n + 1, beta) <= binomial_lower(k, n, beta)
    assert binomial_upper(k, n + 1, beta) < binomial_upper(k, n, beta) or k == n


def test_trials_to_confirm_is_the_known_number():
    assert trials_to_confirm(0.01, 0.05) == 299
    for claimed in (0.5, 0.1, 0.01, 1e-4, 1e-6):
        for beta in (0.05, 0.01, 1e-5):
            assert trials_to_confirm(claimed, beta) == math.ceil(math.log(beta) / math.log1p(-claimed))
    assert trials_to_confirm(1.0, 0.05) == 1
    assert trials_to_confirm(1.0, 0.05, violations=4) == 4


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-4, 0.9), st.floats(1e-6, 0.3), st.integers(0, 50))
def test_trials_to_confirm_is_the_smallest(claimed, beta, violations):
    n = trials_to_confirm(claimed, beta, violations)
    assert binomial_upper(violations, n, beta) <= claimed
    if n > max(1, violations):
        assert binomial_upper(violations, n - 1, beta) > claimed


def decides(n: int, rate: float, claimed: float, beta: float) -> bool:
    if rate < claimed:
        return binomial_upper(math.ceil(n * rate), n, beta) <= claimed
    return binomial_lower(math.floor(n * rate), n, beta) > claimed


@settings(derandomize=True, deadline=None)
@given(st.floats(0, 1), st.floats(1e-3, 0.999), st.floats(1e-6, 0.3))
def test_trials_to_decide_decides(rate, claimed, beta):
    n = trials_to_decide(rate, claimed, beta)
    if rate == claimed:
        assert n is None
    elif n is not None:
        assert decides(n, rate, claimed, beta)
    else:
        assert abs(rate - claimed) < 1e-3


@pytest.mark.parametrize("beta", [0.05, 1e-4])
@pytest.mark.parametrize(("rate", "claimed"), [(0, 0.02), (0.05, 0.1), (0.2, 0.1), (0.9, 0.5), (1, 0.99), (0.3, 0)])
def test_trials_to_decide_is_the_smallest(rate, claimed, beta):
    assert trials_to_decide(rate, claimed, beta) == next(n for n in range(1, 10**5) if decides(n, rate, claimed, beta))


def test_no_number_decides():
    assert trials_to_decide(0.01, 0.01, 0.05) is None
    assert trials_to_decide(0.0, 0.0, 0.05) is None
    assert trials_to_decide(0.0, 1e-12, 0.05) is None
    assert trials_to_decide(0.5, 0.5000001, 0.05) is None
    assert trials_to_decide(1.0, 1.0, 0.05) == 1


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: binomial_upper(1, 0, 0.1), "trials"),
        (lambda: binomial_upper(3, 2, 0.1), "violations"),
        (lambda: binomial_lower(-1, 2, 0.1), "violations"),
        (lambda: binomial_lower(0.5, 2, 0.1), "violations"),
        (lambda: binomial_lower(1, 2, 0.0), "beta"),
        (lambda: binomial_lower(1, 2, math.nan), "beta"),
        (lambda: trials_to_confirm(0.0, 0.1), "claimed"),
        (lambda: trials_to_confirm(1e-300, 0.1), "claimed"),
        (lambda: trials_to_confirm(math.nan, 0.1), "claimed"),
        (lambda: trials_to_decide(math.nan, 0.1, 0.1), "rate"),
        (lambda: trials_to_decide(1.5, 0.1, 0.1), "rate"),
    ],
)
def test_invalid_arguments_are_named(call, name):
    with pytest.raises(InvalidArgument, match=f"^{name}="):
        call()
