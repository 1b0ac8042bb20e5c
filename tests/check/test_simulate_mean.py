"""Limits for means: they hold, they find wrong means, and there are none where no theorem gives any.

False alarms: limits fail with probability at most beta = 1e-9 each; the coverage test states its own rate.
"""

import math

import numpy as np
import pytest
from scipy.stats import binom
from sympy import Abs, Integer, Max, Rational, exp, log, sqrt

from boundcheck.check import simulate_mean
from boundcheck.check.simulate_mean import gaussian_constant, simulate_expectation, value_range
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.intervals import Intervals
from boundcheck.formula.rigorous import Interval
from boundcheck.statement.laws import bernoulli, beta, exponential, normal, rademacher, uniform
from boundcheck.statement.randomness import (
    Expectation,
    Statistic,
    StoppedWalk,
    empty,
    iid,
    independent,
    kolmogorov_distance,
    maximum,
    mean,
    minimum,
    norm,
    occupancy,
    order_statistic,
    random_matrix,
    sample_variance,
    spectral_norm,
    sum_of,
)

HALF = Rational(1, 2)
COIN = iid(bernoulli(HALF), 10)
BELLS = iid(normal(1, 2), 9)
FLAT = iid(uniform(0, 1), 4)
MATRIX = random_matrix(normal(0, 1), 1, 9)
SHARES = independent(beta(2, 3), uniform(-1, 2))
WALK = StoppedWalk((rademacher(),), Integer(12), level=Integer(2))
WAITS = iid(exponential(1), 4)


def limits(argument, sample, trials=4000, beta=1e-9):
    return simulate_expectation(argument, sample=sample, trials=trials, key=3, beta=beta)


MEANS = {
    "mean of coins": (mean(COIN), COIN, 0.5),
    "moment": (exp(sum_of(COIN) / 10), COIN, ((1 + math.exp(0.1)) / 2) ** 10),
    "variance": (sample_variance(FLAT), FLAT, 1 / 12),
    "maximum": (maximum(FLAT), FLAT, 0.8),
    "empty bins": (empty(occupancy(5, 4)), occupancy(5, 4), 4 * 0.75**5),
    "two laws": (sum_of(SHARES), SHARES, 0.4 + 0.5),
    "walk": (Statistic("sum", WALK), WALK, 0.0),
    "normal mean": (mean(BELLS), BELLS, 1.0),
    "norm": (norm((BELLS - 1) / 2), BELLS, math.sqrt(2) * math.gamma(5) / math.gamma(4.5)),
    "spectral norm": (spectral_norm(MATRIX), MATRIX, math.sqrt(2) * math.gamma(5) / math.gamma(4.5)),
    "deviation": (Abs(mean(BELLS) - 1), BELLS, 2 / 3 * math.sqrt(2 / math.pi)),
}


@pytest.mark.parametrize("name", MEANS)
def test_limits_hold_and_exclude_wrong_means(name):
    argument, sample, average = MEANS[name]
    found = limits(argument, sample)
    spread = max(abs(average), 1.0)
    assert average - spread < found.low <= average <= found.high < average + spread


def test_limits_fail_no_more_often_than_beta():
    """400 runs at beta = 0.2: more than 116 failures have a probability below 1e-5 if each has 0.2."""
    assert binom.sf(116, 400, 0.2) < 1e-5
    rng = np.random.default_rng(1)
    failures = 0
    for _ in range(400):
        values = (rng.random(60) < 0.05).astype(float)
        found = simulate_mean._bounded_limits(Intervals(values, values), Interval(0.0, 1.0), 0.2)
        failures += not found.low <= 0.05 <= found.high
        values = rng.normal(size=60)
        found = simulate_mean._gaussian_limits(Intervals(values, values), 1.0, 0.2)
        failures += not found.low <= 0.0 <= found.high
    assert failures <= 116


def test_a_planted_wrong_radius_is_found():
    """With a quarter of the Lipschitz constant the limits fail in more than half of the runs."""
    rng = np.random.default_rng(1)
    failures = 0
    for _ in range(400):
        values = rng.normal(size=60)
        found = simulate_mean._gaussian_limits(Intervals(values, values), 0.25, 0.2)
        failures += not found.low <= 0.0 <= found.high
    assert failures > 116


def test_intervals_widen_the_limits():
    values = np.linspace(0.0, 0.5, 100)
    sharp = simulate_mean._bounded_limits(Intervals(values, values), Interval(0.0, 1.0), 0.1)
    wide = simulate_mean._bounded_limits(Intervals(values, values + 0.2), Interval(0.0, 1.0), 0.1)
    assert wide.low == sharp.low
    assert wide.high == pytest.approx(sharp.high + 0.2)


@pytest.mark.parametrize(
    ("argument", "sample", "low", "high"),
    [
        (sum_of(COIN) - 5, COIN, -5, 5),
        (mean(3 * COIN + 1), COIN, 1, 4),
        (exp(-sum_of(FLAT)), FLAT, math.exp(-4), 1),
        (sample_variance(FLAT), FLAT, 0, 1 / 3),
        (kolmogorov_distance(BELLS), BELLS, 0, 1),
        (minimum(SHARES), SHARES, -1, 2),
        (sum_of(SHARES), SHARES, -1, 3),
        (empty(occupancy(2, 5)), occupancy(2, 5), 3, 5),
        (maximum(occupancy(2, 5)), occupancy(2, 5), 0, 2),
        (spectral_norm(random_matrix(rademacher(), 2, 8)), random_matrix(rademacher(), 2, 8), 0, 4),
        (exp(-sum_of(WAITS)), WAITS, 0, 1),
    ],
)
def test_ranges(argument, sample, low, high):
    found = value_range(argument, sample)
    assert found.low <= low + 1e-15
    assert found.high >= high - 1e-15
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("argument", "sample", "constant"),
    [
        (sum_of(BELLS), BELLS, 6),
        (mean(BELLS), BELLS, 2 / 3),
        (3 - 2 * maximum(BELLS), BELLS, 4),
        (maximum(BELLS) - minimum(BELLS), BELLS, 4),
        (norm(2 * BELLS + 1), BELLS, 4),
        (sqrt(sample_variance(BELLS)), BELLS, 2 / math.sqrt(8)),
        (Max(mean(BELLS), order_statistic(BELLS, 3)), BELLS, 2),
        (maximum(abs(BELLS)), BELLS, 2),
        (spectral_norm(MATRIX), MATRIX, 1),
        (mean(FLAT), FLAT, 0.5 * math.sqrt(2 / math.pi) / 2),
    ],
)
def test_lipschitz_constants(argument, sample, constant):
    assert gaussian_constant(argument, sample) == pytest.approx(constant)


@pytest.mark.parametrize(
    ("argument", "sample"),
    [
        (sum_of(WAITS), WAITS),
        (exp(sum_of(BELLS)), BELLS),
        (mean(BELLS) ** 2, BELLS),
        (sample_variance(BELLS), BELLS),
        (sum_of(BELLS**2), BELLS),
        (maximum(BELLS.map(exp)), BELLS),
        (log(sum_of(FLAT)), FLAT),
    ],
)
def test_no_theorem_no_limits(argument, sample):
    assert limits(argument, sample) is None


def test_an_expectation_inside_is_refused():
    with pytest.raises(UnsupportedClaim, match="no known value"):
        limits(sum_of(COIN) * Expectation(exp(sum_of(COIN))), COIN)


def test_one_trial_tells_nothing():
    assert limits(mean(COIN), COIN, trials=1) is None
