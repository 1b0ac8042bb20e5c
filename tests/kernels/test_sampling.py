"""Draws: the oracle, symmetry, ranges, moments, and points in a ball."""

import math
from fractions import Fraction

import mpmath
import naive
import numpy as np
import pytest
from scipy import stats

from boundcheck.kernels import cpu, layer_cpu, quantile_bodies, sampling_bodies, tables

LAWS = [
    (tables.UNIFORM, (-0.25, 0.25, 0.0)),
    (tables.UNIFORM, (3.0, 10.5, 0.0)),
    (tables.NORMAL, (1.0, 2.5, 0.0)),
    (tables.TWO_POINT, (-1.0, 3.0, 0.3)),
    (tables.TWO_POINT, (-1.0, 3.0, 0.0)),
    (tables.TWO_POINT, (-1.0, 3.0, 1.0)),
    (tables.EXPONENTIAL, (0.7, 0.0, 0.0)),
    (tables.TRUNCATED, (1.5, 3.0, math.erf(2**0.5) / 2)),
    (tables.TRUNCATED, (0.25, 2.0, math.erf(8 / 2**0.5) / 2)),
]


@pytest.mark.parametrize(("law", "parameters"), LAWS)
@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 3), (3, 2), (5, 9), (8, 8)])
def test_draws_match_the_oracle(law, parameters, m, n):
    drawn = layer_cpu.layer_draw(99, 2**40 + 5, 2, m, n, law, parameters, tables.KEEP_ALL, 0)
    expected = naive.draws(m * n, 99, 2, tables.WEIGHTS, 2**40 + 5, [law], [parameters])
    assert drawn.weights.shape == (m, n)
    np.testing.assert_allclose(drawn.weights.ravel(), expected, rtol=4e-15, atol=1e-15)
    assert not drawn.removed.any()


def test_uniform_draws_are_exactly_antisymmetric_and_inside():
    for word in [0, 1, 2**31 - 1, 2**31, 12345678, 2**32 - 1]:
        for half in [1.0, 0.1, 1 / 3, 1e-300]:
            value = sampling_bodies.uniform_value(np.uint32(word), -half, half)
            assert sampling_bodies.uniform_value(np.uint32(2**32 - 1 - word), -half, half) == -value
            assert -half <= value <= half
        assert 1.0 <= sampling_bodies.uniform_value(np.uint32(word), 1.0, 1.0 + 2**-52) <= 1.0 + 2**-52


def test_truncated_draws_are_exactly_antisymmetric_and_inside():
    for word in [0, 1, 2**31 - 1, 2**31, 12345678, 2**32 - 1]:
        for cut in [0.001, 2.0, 6.0, 40.0]:
            value = sampling_bodies.truncated_value(np.uint32(word), 1.0, cut, math.erf(cut / 2**0.5) / 2)
            other = sampling_bodies.truncated_value(np.uint32(2**32 - 1 - word), 1.0, cut, math.erf(cut / 2**0.5) / 2)
            assert other == -value
            assert abs(value) <= min(cut, 6.4)


def test_the_normal_quantile_is_accurate():
    """Against mpmath, in the middle, in both tails, and near 0."""
    tails = 0.5 - np.geomspace(2.0**-52, 0.4, 300)
    for q in [*tails, *np.geomspace(1e-300, 0.1, 100), 0.425, math.nextafter(0.425, 1), 0.5 - math.exp(-25)]:
        exact = mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(q))
        assert abs(quantile_bodies.normal_quantile(q) / exact - 1) < 2e-15
        assert quantile_bodies.normal_quantile(-q) == -quantile_bodies.normal_quantile(q)


def test_extreme_words_give_finite_draws():
    for word in [0, 2**32 - 1]:
        assert 0 <= sampling_bodies.exponential_value(np.uint32(word), 1.0) < 22.2
        for angle in [0, 2**32 - 1]:
            assert max(map(abs, sampling_bodies.normal_pair(np.uint32(word), np.uint32(angle)))) < 6.67


@pytest.mark.parametrize(("law", "parameters"), LAWS)
def test_moments(law, parameters):
    """Mean and variance of 200 000 draws against the exact ones.

    Both lie within 7 standard errors, which a correct sampler leaves with probability below 3e-12 by the
    normal approximation; 18 such checks, so a false alarm is rarer than 1e-10. A wrong mean is seen from
    0.016 standard deviations on.
    """
    p0, p1, p2 = parameters
    if law == tables.UNIFORM:
        mean, variance, kurtosis = (p0 + p1) / 2, (p1 - p0) ** 2 / 12, 1.8
    elif law == tables.NORMAL:
        mean, variance, kurtosis = p0, p1**2, 3.0
    elif law == tables.EXPONENTIAL:
        mean, variance, kurtosis = 1 / p0, 1 / p0**2, 9.0
    elif law == tables.TRUNCATED:
        exact = stats.truncnorm(-p1 / p0, p1 / p0, scale=p0)
        mean, variance, kurtosis = 0.0, exact.var(), exact.stats("k") + 3.0
    else:
        mean, variance = p0 + (p1 - p0) * p2, (p1 - p0) ** 2 * p2 * (1 - p2)
        kurtosis = 1 + (1 - 2 * p2) ** 2 / (p2 * (1 - p2)) if 0 < p2 < 1 else 1.0
    count = 200_000
    x = layer_cpu.layer_draw(5, 0, 0, 400, 500, law, parameters, tables.KEEP_ALL, 0).weights.ravel()
    assert abs(x.mean() - mean) <= 7 * math.sqrt(variance / count)
    error = variance * math.sqrt((kurtosis - 1) / count)
    assert abs(np.mean((x - mean) ** 2) - variance) <= 7 * error + 1e-6 * variance


def test_normal_draws_follow_the_normal_distribution():
    """Kolmogorov-Smirnov distance of 200 000 draws.

    By the Dvoretzky-Kiefer-Wolfowitz inequality the distance exceeds 0.0062 with probability below
    2·exp(-2 · 200 000 · 0.0062²) < 5e-7.
    """
    x = np.sort(layer_cpu.layer_draw(6, 0, 0, 400, 500, tables.NORMAL, (0, 1, 0), tables.KEEP_ALL, 0).weights.ravel())
    exact = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])
    grid = np.arange(x.size + 1) / x.size
    assert max((grid[1:] - exact).max(), (exact - grid[:-1]).max()) < 0.0062


@pytest.mark.parametrize("dimension", [1, 2, 3, 17, 64])
@pytest.mark.parametrize("radius", [1.0, 0.3, 1e150, 1e-290, 1e300])
def test_sphere_inputs_lie_in_the_ball(dimension, radius):
    points = cpu.sphere_inputs(11, 20, dimension, radius)
    assert points.shape == (20, dimension)
    for point in points:
        square = sum(Fraction(float(v)) ** 2 for v in point)
        assert square <= Fraction(radius) ** 2
        assert square >= (Fraction(radius) * (1 - Fraction(dimension + 12, 2**51))) ** 2


def test_sphere_inputs_are_normalised_draws_of_the_inputs_stream():
    points = cpu.sphere_inputs(11, 4, 5, 2.0)
    for i, point in enumerate(points):
        x = np.array(naive.draws(5, 11, 0, tables.INPUTS, i, [tables.NORMAL], [(0.0, 1.0, 0.0)]))
        np.testing.assert_allclose(point, 2.0 * x / np.linalg.norm(x), rtol=1e-13)
    assert np.array_equal(points[:2], cpu.sphere_inputs(11, 2, 5, 2.0))
    assert np.array_equal(cpu.sphere_inputs(11, 1, 3, 0.0), np.zeros((1, 3)))


def test_sphere_inputs_have_no_preferred_direction():
    """Mean of 20 000 points on the unit sphere of R³: |mean| has 20 000·3·|mean|² about chi-square(3).

    P(chi-square(3) > 40) < 1.1e-8.
    """
    points = cpu.sphere_inputs(12, 20_000, 3, 1.0)
    assert 20_000 * 3 * np.sum(points.mean(axis=0) ** 2) < 40
