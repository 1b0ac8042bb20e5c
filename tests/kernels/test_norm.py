"""Spectral norms: certified from both sides, tight, and sound on adversarial matrices."""

import math

import mpmath
import naive
import numpy as np
import pytest
from hard_matrices import adversarial
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from boundcheck.kernels import cpu, jit, norm_bodies


def check_against_svd(a, loosest=1e-6):
    low, high = cpu.spectral_norm(a)
    scale = np.abs(a).max()
    if scale == 0:
        assert (low, high) == (0, 0)
        return
    exact = np.linalg.svd(a / scale, compute_uv=False)[0]  # LAPACK's own errors are near 1e-15
    assert low / scale <= exact * (1 + 1e-12)
    assert exact * (1 - 1e-12) <= high / scale <= exact * (1 + loosest)
    assert low / scale >= exact * (1 - loosest)


def check_exactly(a):
    low, high = cpu.spectral_norm(a)
    exact = naive.spectral_norm(a)
    with mpmath.workdps(60):
        assert mpmath.mpf(low) <= exact * (1 + mpmath.mpf(10) ** -40)
        assert mpmath.mpf(high) >= exact * (1 - mpmath.mpf(10) ** -40)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 3e7], ids=str)
@pytest.mark.parametrize(("name", "a"), list(adversarial()))
def test_both_bounds_are_tight(name, a, scale):
    with np.errstate(over="ignore", under="ignore"):
        scaled = a * scale
    if np.isfinite(scaled).all():
        check_against_svd(scaled)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_bounds_hold_exactly(scale):
    rng = np.random.default_rng(1)
    for shape in [(1, 1), (2, 2), (3, 5), (6, 4), (1, 7)]:
        check_exactly(rng.standard_normal(shape) * scale)
        check_exactly(np.ones(shape) * scale)
        check_exactly(np.outer(np.ones(shape[0]), rng.standard_normal(shape[1])) * scale)


@pytest.mark.parametrize("a", [[[5e-324]], [[5e-324, -1e-323], [0, 5e-324]], [[1e-310, 3e-320]]])
def test_denormal_matrices(a):
    check_exactly(a)
    low, high = cpu.spectral_norm(a)
    assert high > 0
    assert high - low <= 1e-6 * high + 4 * 5e-324


def test_largest_numbers():
    largest = 1.7976931348623157e308
    low, high = cpu.spectral_norm(np.full((2, 2), largest))
    assert low == largest  # the norm is twice that
    assert high == math.inf
    low, high = cpu.spectral_norm([[largest]])
    assert largest * (1 - 1e-12) < low <= largest <= high


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_entries_that_are_not_finite(bad):
    a = np.ones((5, 4))
    a[2, 3] = bad
    assert cpu.spectral_norm(a) == (0, math.inf)


awkward = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 1.0, -1.0, 1e300, 1e-300, 5e-324, 0.5, 1 / 3]),
)
matrices = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.one_of(awkward, st.floats(-1, 1)),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(matrices)
def test_bounds_hold_exactly_for_any_small_matrix(a):
    check_exactly(a)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=25),
        elements=st.one_of(st.floats(-1, 1, width=16), st.sampled_from([0.0, 1.0, -1.0])),
    )
)
def test_both_bounds_are_tight_for_any_matrix(a):
    check_against_svd(a)


@pytest.mark.slow
def test_random_matrices_of_many_shapes():
    rng = np.random.default_rng(2)
    for _ in range(300):
        m, n = rng.integers(1, 90, 2)
        a = rng.standard_normal((m, n))
        if rng.random() < 0.5:
            a *= rng.random((m, n)) < rng.random() ** 3
        check_against_svd(a)


@jit.compiled
def factorisation_fails_at(a):
    return norm_bodies.cholesky(a)


def test_cholesky_refuses_what_is_not_positive_definite():
    assert factorisation_fails_at(np.eye(20)) == -1
    for planted in [0.0, -1.0, math.nan, math.inf]:
        for index in [0, 5, 8, 19]:
            a = np.eye(20)
            a[index, index] = planted
            assert factorisation_fails_at(a) == index
    a = np.eye(20)
    a[3, 12] = math.nan
    assert factorisation_fails_at(a) == 12
    a[3, 12] = 1.0
    assert factorisation_fails_at(a) == 12


def test_certificate_grows_with_the_size_and_exceeds_its_square():
    for p, q in [(1, 1), (64, 256), (1024, 4096)]:
        square = norm_bodies.certified_square(1.0, p, q, float(p))
        assert 1.0 < square < 1.0 + 4e-16 * (p * (p + 4) + q * p + 20)
