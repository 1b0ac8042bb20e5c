"""Simulated events against exact laws, ties, and honest gaps.

False alarms: each `agrees` fails by chance with probability at most 2e-10 (statistics_helpers), and seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats
from statistics_helpers import at_least, at_most
from sympy import Abs, Integer, Rational, exp, log, sqrt

from boundcheck.check import simulate
from boundcheck.check.simulate import realise, simulate_event
from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment import draws
from boundcheck.formula.rigorous import Interval
from boundcheck.statement.laws import (
    Affine,
    Poisson,
    bernoulli,
    beta,
    discrete,
    exponential,
    gamma,
    hypergeometric,
    normal,
    poisson,
    rademacher,
    two_point,
    uniform,
)
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
    without_replacement,
)

HALF, TENTH = Rational(1, 2), Rational(1, 10)
TRIALS = 20_000


def seen(margin, sample, *, strict=False, trials=TRIALS, **options):
    return simulate_event(margin, strict=strict, sample=sample, trials=trials, key=7, **options)


def agrees(found, probability):
    possible = ~found.fine
    return at_least(possible, probability) and at_most(found.violated, probability)


def empty_bins(balls, bins, least):
    """P(at least this many empty bins), by throwing one ball after the other."""
    occupied = np.zeros(bins + 1)
    occupied[0] = 1.0
    for _ in range(balls):
        occupied = occupied * np.arange(bins + 1) / bins + np.append(0, occupied[:-1] * np.arange(bins, 0, -1) / bins)
    return occupied[: bins - least + 1].sum()


COIN = iid(bernoulli(Rational(3, 10)), 20)
PAIR = iid(two_point(TENTH, Rational(3, 10), HALF), 10)
COUNTS = iid(poisson(3), 10)
WAITS = iid(gamma(Rational(5, 2), 2), 10)
BELLS = iid(normal(1, 2), 10)
SHARES = iid(beta(HALF, 2), 10)
DRAWN = without_replacement(bernoulli(Rational(1, 4)), population=40, drawn=10).witnesses()[0]
WALK = StoppedWalk((rademacher(),), Integer(30), level=Integer(5))
MIXED = independent(bernoulli(HALF), bernoulli(Rational(1, 5)), rademacher())
SHIFTED = iid(Affine(Poisson(HALF), Rational(3), -Rational(3, 2)), 10)
MARKED = iid(hypergeometric(50, 10, 20), 1)
ODD = iid(discrete({-1: "1/4", 0: "1/4", sqrt(2): "1/2"}), 3)

EXACT = {
    "tie of a mean": (mean(COIN) - HALF, COIN, False, stats.binom.sf(9, 20, 0.3)),
    "strict at a tie": (mean(COIN) - HALF, COIN, True, stats.binom.sf(10, 20, 0.3)),
    "deviation": (
        Abs(mean(COIN) - Rational(3, 10)) - Rational(1, 5),
        COIN,
        False,
        stats.binom.sf(9, 20, 0.3) + stats.binom.cdf(2, 20, 0.3),
    ),
    "tie of decimals": (sum_of(PAIR) - 2, PAIR, False, stats.binom.sf(4, 10, 0.5)),
    "largest decimal": (maximum(PAIR) - Rational(3, 10), PAIR, False, 1 - 2.0**-10),
    "smallest decimal, strict": (minimum(PAIR) - TENTH, PAIR, True, 2.0**-10),
    "counts": (sum_of(COUNTS) - 40, COUNTS, False, stats.poisson.sf(39, 30)),
    "mean of counts": (mean(COUNTS) - Rational(41, 10), COUNTS, False, stats.poisson.sf(40, 30)),
    "gamma sum": (sum_of(WAITS) - 15, WAITS, False, stats.gamma(25, scale=0.5).sf(15)),
    "gamma distance": (kolmogorov_distance(WAITS) - Rational(3, 10), WAITS, False, stats.kstwo(10).sf(0.3)),
    "gamma order": (
        order_statistic(WAITS, 3) - 1,
        WAITS,
        False,
        stats.binom.cdf(2, 10, stats.gamma(2.5, scale=0.5).cdf(1)),
    ),
    "function": (sum_of(WAITS.map(log)) - 10 * log(2), WAITS, False, None),
    "normal sum": (sum_of(BELLS) - 15, BELLS, False, stats.norm(10, 2 * 10**0.5).sf(15)),
    "normal variance": (sample_variance(BELLS) - 8, BELLS, False, stats.chi2(9).sf(18)),
    "normal norm": (norm(BELLS - 1) - 8, BELLS, False, stats.chi2(10).sf(16)),
    "Student": ((mean(BELLS) - 1) / sqrt(sample_variance(BELLS) / 10) - 2, BELLS, False, stats.t(9).sf(2)),
    "Beta maximum": (maximum(SHARES) - Rational(9, 10), SHARES, False, 1 - stats.beta(0.5, 2).cdf(0.9) ** 10),
    "without replacement": (mean(DRAWN) - HALF, DRAWN, False, stats.hypergeom(40, 10, 10).sf(4)),
    "empty bins": (empty(occupancy(20, 20)) - 9, occupancy(20, 20), False, empty_bins(20, 20, 9)),
    "stopped walk": (Statistic("sum", WALK) - 5, WALK, False, 2 * stats.binom.sf(17, 30, 0.5)),
    "different laws": (sum_of(MIXED) - 3, MIXED, False, 0.05),
    "shifted": (sum_of(SHIFTED) - 15, SHIFTED, False, stats.poisson.sf(9, 5)),
    "marked": (sum_of(MARKED) - 6, MARKED, False, stats.hypergeom(50, 10, 20).sf(5)),
    "irrational tie": (sum_of(ODD) - 2 * sqrt(2), ODD, False, 0.125 + 3 * 0.25 * 0.25),
    "two statistics": (maximum(COIN) + minimum(COIN) - 1, COIN, False, 1 - 0.7**20),
    "own distance": (
        kolmogorov_distance(COIN) - Rational(1, 5),
        COIN,
        False,
        stats.binom.sf(9, 20, 0.3) + stats.binom.cdf(2, 20, 0.3),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_rates_agree_with_exact_laws(name):
    margin, sample, strict, probability = EXACT[name]
    found = seen(margin, sample, strict=strict)
    assert found.open <= 2
    assert probability is None or agrees(found, probability)


@pytest.mark.parametrize("value", [0, 1])
def test_constants_are_decided(value):
    sample = iid(two_point(value, value + 1, 0), 4)
    assert seen(HALF - mean(sample), sample, trials=9).violated.all() == (value == 0)
    assert seen(mean(sample) - HALF, sample, trials=9).fine.all() == (value == 0)


def test_a_wrong_probability_is_found():
    margin, sample, strict, probability = EXACT["normal variance"]
    found = seen(margin, sample, strict=strict)
    assert not agrees(found, 1.4 * probability)
    assert not agrees(found, 0.6 * probability)


def test_ties_left_to_rounding_stay_open(monkeypatch):
    monkeypatch.setattr(simulate, "_MOST_TIES", 0)
    found = seen(mean(COIN) - HALF, COIN)
    assert at_least(~found.violated & ~found.fine, stats.binom.pmf(10, 20, 0.3) - 0.01)
    assert agrees(found, stats.binom.sf(9, 20, 0.3))


def test_counts_and_sums_say_the_same(monkeypatch):
    margins = [mean(COIN) - HALF, sample_variance(COIN) - Rational(1, 4), sum_of(COIN**2 + 1) - 25]
    counted = [seen(margin, COIN, trials=3000) for margin in margins]
    monkeypatch.setattr(simulate, "_MOST_CELLS", 0)
    for margin, first in zip(margins, counted, strict=True):
        second = seen(margin, COIN, trials=3000)
        assert np.array_equal(first.violated, second.violated)
        assert np.array_equal(first.fine, second.fine)


def test_spectral_norms():
    """Of a 1 × n matrix the norm is the Euclidean one; of ±1 entries a tie with √n."""
    row = random_matrix(normal(0, 1), 1, 6)
    assert agrees(seen(spectral_norm(row) - 3, row, trials=4000), stats.chi2(6).sf(9))
    signs = random_matrix(rademacher(), 1, 4)
    assert seen(spectral_norm(signs) - Rational(19, 10), signs, trials=50).violated.all()
    assert seen(spectral_norm(signs) - Rational(21, 10), signs, trials=50).fine.all()
    shifted = spectral_norm(2 * row + 1) - 3
    assert seen(shifted, row, trials=50).open == 0


def test_batches_change_no_decision(monkeypatch):
    margin = sum_of(WAITS) - maximum(WAITS) - 10
    whole = seen(margin, WAITS, trials=500)
    monkeypatch.setattr(draws, "_BATCH_WORK", 900)
    parts = seen(margin, WAITS, trials=500)
    assert np.array_equal(whole.violated, parts.violated)
    assert whole.first == parts.first


def test_the_fast_kernel_agrees_with_exact_laws():
    sample = iid(exponential(2), 5)
    assert agrees(seen(sum_of(sample) - 4, sample), stats.gamma(5, scale=0.5).sf(4))
    sample = iid(uniform(0, 1), 5)
    assert agrees(seen(maximum(sample) - Rational(9, 10), sample), 1 - 0.9**5)
    sample = independent(normal(0, 1), normal(1, 2))
    assert agrees(seen(mean(sample) - 1, sample), stats.norm(0.5, 5**0.5 / 2).sf(1))


def test_the_first_violation_is_enclosed():
    found = seen(sum_of(COUNTS) - 40, COUNTS)
    trial, margin = found.first
    assert found.violated[trial]
    assert not found.violated[:trial].any()
    assert margin.low == margin.high >= 0
    values = realise(sum_of(COUNTS) - 40, sample=COUNTS, trials=trial + 1, key=7)
    assert values.low[trial] == margin.low
    assert seen(sum_of(COUNTS) + 1, COUNTS, strict=True, trials=10).first[0] == 0
    assert seen(-1 - sum_of(COUNTS), COUNTS, trials=10).first is None


def test_known_expectations_enter_as_enclosures():
    average = Expectation(exp(sum_of(COUNTS)))
    margin = average - sum_of(COUNTS)
    sure = seen(margin, COUNTS, known={average: Interval(1e3, 2e3)}, trials=50)
    assert sure.violated.all()
    vague = seen(margin, COUNTS, known={average: Interval(-1e3, 2e3)}, trials=50)
    assert vague.open == 50
    with pytest.raises(UnsupportedClaim, match="no known value"):
        seen(margin, COUNTS, trials=50)


def test_progress_reports_every_trial():
    for sample in (COUNTS, BELLS):
        done = []
        seen(sum_of(sample) - 1, sample, trials=1234, progress=done.append)
        assert sum(done) == 1234


@pytest.mark.parametrize(
    ("margin", "sample", "words"),
    [
        (kolmogorov_distance(BELLS) + mean(BELLS), BELLS, "alone"),
        (kolmogorov_distance(BELLS**2), BELLS, "alone"),
        (kolmogorov_distance(COUNTS**2), COUNTS, "alone"),
        (Statistic("order", BELLS, Integer(11)), BELLS, "from 1 to n"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_one_line(margin, sample, words):
    with pytest.raises(UnsupportedClaim, match=words) as error:
        seen(margin - HALF, sample, trials=5)
    assert "\n" not in str(error.value)


def test_a_function_that_is_undefined_leaves_trials_open():
    sample = iid(normal(0, 1), 2)
    found = seen(sum_of(sample.map(log)) - 100, sample, trials=200)
    assert found.open == int((~found.fine).sum())
    assert at_least(~found.fine, 0.7)
