"""Norms of convolutions: certified from both sides, tight, and sound on adversarial kernels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_convolution import circular_norm, frequency_block, operator_matrix

from boundcheck.kernels import convolution_cpu, launch
from boundcheck.kernels.tables import KEPT, REMOVED, TARGET


def dense_norm(kernel, height, width, **geometry):
    scale = np.abs(kernel).max()
    if scale == 0.0:
        return 0.0
    return scale * np.linalg.norm(operator_matrix(kernel / scale, height, width, **geometry), 2)


def periodic_norm(kernel, height, width):
    """By the definition of the operator: circular padding by what the window needs."""
    p, q = kernel.shape[2:]
    return dense_norm(kernel, height, width, padding=(0, p - 1, 0, q - 1), circular=True)


def check_bounds(low, high, exact, loosest=1e-6):
    assert low <= exact * (1 + 1e-12)
    assert exact * (1 - 1e-12) <= high <= exact * (1 + loosest)
    assert low >= exact * (1 - loosest)


def check(kernel, height, width):
    low, high = convolution_cpu.convolution_norms(kernel[None], height, width)
    check_bounds(low[0], high[0], periodic_norm(kernel, height, width))


def drawn(seed, m, n, p, q, *trials):
    return np.random.default_rng(seed).standard_normal((*trials, m, n, p, q))


channels = st.integers(1, 6)
windows = st.integers(1, 4)
grids = st.integers(1, 7)


@settings(max_examples=60, deadline=None)
@given(channels, channels, windows, windows, grids, grids, st.integers(0, 2**32))
def test_the_dense_matrix_lies_between_certified_bounds(m, n, p, q, height, width, seed):
    check(drawn(seed, m, n, p, q), height, width)


@pytest.mark.parametrize(
    ("m", "n", "p", "q", "height", "width"),
    [
        (17, 30, 3, 3, 16, 16), (33, 9, 3, 5, 8, 6), (64, 64, 3, 3, 4, 4), (40, 41, 1, 1, 7, 7),
        (8, 8, 1, 3, 5, 12), (8, 9, 5, 1, 12, 5), (3, 16, 7, 7, 5, 6), (1, 1, 4, 4, 17, 3), (12, 12, 2, 2, 1, 40),
    ],
)  # fmt: skip
def test_larger_shapes_against_their_frequency_blocks(m, n, p, q, height, width):
    kernels = drawn(1, m, n, p, q, 2)
    low, high = convolution_cpu.convolution_norms(kernels, height, width)
    for i, kernel in enumerate(kernels):
        exact = np.linalg.norm(by_fft(kernel, height, width), 2, axis=(2, 3)).max()
        check_bounds(low[i], high[i], exact)


def by_fft(kernel, height, width):
    m, n, p, q = kernel.shape
    folded = np.zeros((m, n, height, width))
    for a, b in np.ndindex(p, q):
        folded[:, :, a % height, b % width] += kernel[:, :, a, b]
    return np.fft.fft2(folded).transpose(2, 3, 0, 1)


def test_the_oracles_agree():
    kernel = drawn(2, 3, 2, 3, 4)
    for height, width in [(1, 1), (2, 5), (4, 3)]:
        assert math.isclose(circular_norm(kernel, height, width), periodic_norm(kernel, height, width), rel_tol=1e-12)
        blocks = by_fft(kernel, height, width)
        for u, v in np.ndindex(height, width):
            block = frequency_block(kernel, height, width, u, v)
            np.testing.assert_allclose(abs(block), abs(blocks[u, v]), rtol=1e-10, atol=1e-12)


def adversarial():
    rng = np.random.default_rng(3)
    huge = rng.standard_normal((4, 3, 3, 3))
    huge[2, 1, 0, 2] = 1e100
    one = np.zeros((5, 6, 3, 3))
    one[4, 0, 1, 1] = -3.0
    alternating = np.ones((4, 4, 4, 4)) * (-1.0) ** np.add.outer(np.arange(4), np.arange(4))
    yield "zeros", np.zeros((3, 2, 3, 3))
    yield "one huge entry", huge
    yield "tiny", 1e-100 * rng.standard_normal((4, 4, 2, 3))
    yield "large", 1e300 * rng.uniform(0.1, 1, (4, 4, 2, 3))
    yield "subnormal range", 1e-300 * rng.standard_normal((3, 5, 3, 3))
    yield "rank one", np.einsum("i,j,a,b", *(rng.standard_normal(k) for k in (5, 6, 3, 3)))
    yield "all equal", np.full((6, 6, 3, 3), 0.1)
    yield "negative", -rng.random((5, 4, 3, 3))
    yield "alternating", alternating
    yield "one entry", one
    yield "difference", np.array([[[[1.0, -1.0]]]])
    yield "identity of every channel", np.eye(6)[:, :, None, None] * np.array([[0.0, 1.0], [0.0, 0.0]])
    yield "graded", rng.standard_normal((6, 6, 2, 2)) * 10.0 ** -(10.0 * np.arange(6))[:, None, None, None]
    yield "sparse", rng.standard_normal((6, 6, 3, 3)) * (rng.random((6, 6, 3, 3)) < 0.03)
    yield "orthogonal channels", np.linalg.qr(rng.standard_normal((6, 6)))[0][:, :, None, None] * np.ones((1, 3))


@pytest.mark.parametrize(("name", "kernel"), list(adversarial()))
@pytest.mark.parametrize(("height", "width"), [(5, 4), (6, 6)])
def test_adversarial_kernels(name, kernel, height, width):
    check(kernel, height, width)


def test_norms_that_rise_from_one_frequency_to_the_next_stay_certified():
    """Every frequency of a batch then has to raise the bound."""
    for taps in ([1.0, -0.5], [0.3, -1.0, 0.3], [1.0, 0.999]):
        check(np.array(taps)[None, None, None, :] * np.eye(3)[:, :, None, None], 1, 64)
        check(np.array(taps)[None, None, :, None] * np.eye(3)[:, :, None, None], 64, 1)


def test_a_kernel_that_cancels_on_the_grid_is_bounded_by_rounding():
    kernel = np.array([[[[1.0, -1.0]]]])
    low, high = convolution_cpu.convolution_norms(kernel[None], 3, 1)
    assert low[0] == 0.0
    assert high[0] <= 1e-6


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_entries_that_are_not_finite(bad):
    kernels = np.ones((1, 3, 2, 2, 2))
    kernels[0, 2, 1, 0, 1] = bad
    low, high, absolute = convolution_cpu.convolution_bounds_of_parts(kernels, None, TARGET, 4, 4)
    assert (low[0], high[0], absolute[0]) == (0.0, math.inf, math.inf)
    assert convolution_cpu.operator_norms(kernels, 4, 4)[0] == 0.0


def test_the_largest_numbers():
    low, high = convolution_cpu.convolution_norms(np.full((1, 2, 2, 2, 2), 1.7e308), 4, 4)
    assert 1.7e308 < low[0] < math.inf  # the norm is eight times that
    assert high[0] == math.inf


@pytest.mark.parametrize("density", [0.0, 0.02, 0.5, 1.0])
def test_parts_are_those_of_the_mask(density):
    rng = np.random.default_rng(4)
    kernels = rng.standard_normal((2, 5, 6, 3, 2))
    removed = rng.random(kernels.shape) < density
    for part, wanted in [(TARGET, kernels), (KEPT, kernels * ~removed), (REMOVED, kernels * removed)]:
        low, high, absolute = convolution_cpu.convolution_bounds_of_parts(kernels, removed, part, 5, 6)
        dense_low = convolution_cpu.operator_norms(kernels, 5, 6, padding=(1, 1, 0, 1), removed=removed, part=part)
        for i in range(2):
            exact = periodic_norm(wanted[i], 5, 6)
            check_bounds(low[i], high[i], exact)
            whole = np.linalg.norm(np.abs(wanted[i]).sum((2, 3)))
            assert whole * (1 - 1e-14) <= absolute[i] <= whole * (1 + 1e-12)
            inner = dense_norm(wanted[i], 5, 6, padding=(1, 1, 0, 1))
            assert 0.99 * inner <= dense_low[i] <= inner * (1 + 1e-12)


geometries = st.fixed_dictionaries(
    {
        "stride": st.tuples(st.integers(1, 3), st.integers(1, 3)),
        "padding": st.tuples(*[st.integers(0, 3)] * 4),
        "circular": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(channels, channels, windows, windows, st.integers(4, 7), st.integers(4, 7), geometries, st.integers(0, 2**32))
def test_lower_bounds_of_operators(m, n, p, q, height, width, geometry, seed):
    kernel = drawn(seed, m, n, p, q)
    exact = dense_norm(kernel, height, width, **geometry)
    low = convolution_cpu.operator_norms(kernel[None], height, width, **geometry)[0]
    assert 0.99 * exact <= low <= exact * (1 + 1e-12)


@pytest.mark.parametrize(("name", "kernel"), list(adversarial()))
def test_lower_bounds_of_adversarial_operators(name, kernel):
    for geometry in [{"padding": (1, 1, 1, 1)}, {"padding": (2, 2, 2, 2), "stride": (2, 3), "circular": True}]:
        exact = dense_norm(kernel, 5, 6, **geometry)
        low = convolution_cpu.operator_norms(kernel[None], 5, 6, **geometry)[0]
        assert 0.95 * exact <= low <= exact * (1 + 1e-12)


def test_zero_padding_is_a_compression_of_the_periodic_operator_on_a_larger_grid():
    kernels = drawn(5, 3, 4, 3, 3, 3)
    _, high = convolution_cpu.convolution_norms(kernels, 6 + 2, 5 + 2)
    for stride in [(1, 1), (2, 2)]:
        low = convolution_cpu.operator_norms(kernels, 6, 5, stride=stride, padding=(1, 1, 1, 1))
        for i in range(3):
            assert low[i] <= dense_norm(kernels[i], 6, 5, stride=stride, padding=(1, 1, 1, 1)) * (1 + 1e-12) <= high[i]


def test_wrong_bounds_would_be_noticed():
    """The norm of the reshaped kernel, and that at frequency zero, fall below the norm."""
    kernel = np.ones((2, 3, 3, 3))
    low, _ = convolution_cpu.convolution_norms(kernel[None], 6, 6)
    assert np.linalg.norm(kernel.reshape(2, -1), 2) < 0.5 * low[0]
    alternating = kernel * np.array([1.0, -1.0, 1.0])
    low, _ = convolution_cpu.convolution_norms(alternating[None], 6, 6)
    assert np.linalg.norm(frequency_block(alternating, 6, 6, 0, 0), 2) < 0.5 * low[0]
    random = drawn(6, 4, 4, 3, 3)
    low, _ = convolution_cpu.convolution_norms(random[None], 6, 6)
    assert np.linalg.norm(random.reshape(4, -1), 2) < low[0]
    assert np.linalg.norm(random.sum((2, 3)), 2) < low[0]


def test_results_do_not_depend_on_the_number_of_threads():
    kernels = drawn(7, 6, 5, 3, 3, 9)
    results = []
    for threads in (1, 3):
        launch.set_thread_count(threads)
        results.append(
            (*convolution_cpu.convolution_norms(kernels, 6, 5), convolution_cpu.operator_norms(kernels, 6, 5))
        )
    launch.set_thread_count(None)
    np.testing.assert_array_equal(results[0], results[1])
