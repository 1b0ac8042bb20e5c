"""Standard variables as intervals: the oracle lies inside, the intervals are narrow, and the laws are right."""

import math

import naive
import numpy as np
import pytest
from scipy import stats
from statistics_helpers import at_least, at_most, follows

from boundcheck.kernels import launch, sample_cpu, tables

KINDS = [
    (tables.UNIT, (0.0, 0.0), stats.uniform()),
    (tables.GAUSS, (0.0, 0.0), stats.norm()),
    (tables.WAIT, (0.0, 0.0), stats.expon()),
    (tables.GAMMA, (0.25, 0.0), stats.gamma(0.25)),
    (tables.GAMMA, (1.0, 0.0), stats.gamma(1.0)),
    (tables.GAMMA, (40.5, 0.0), stats.gamma(40.5)),
    (tables.BETA, (0.5, 3.0), stats.beta(0.5, 3.0)),
    (tables.TILTED_UNIT, (4.0, 0.0), None),
    (tables.TILTED_UNIT, (-30.0, 0.0), stats.truncexpon(30.0, 0.0, 1 / 30)),
    (tables.TILTED_UNIT, (0.01, 0.0), None),
    (tables.TRUNCATED_GAUSS, (2.0, math.erf(2**0.5) / 2), stats.truncnorm(-2, 2)),
    (tables.TRUNCATED_GAUSS, (0.03125, math.erf(2**-5.5) / 2), stats.truncnorm(-(2**-5), 2**-5)),
    (tables.TRUNCATED_GAUSS, (9.0, math.erf(4.5 * 2**0.5) / 2), stats.norm()),
]
TABLE = (0.0, 0.125, 0.5, 0.75)
OF_TABLE = (tables.CELL, (0.0, 0.0))


def drawn(kind, parameters, trials, n, first=0, key=17, band=0.0):
    return sample_cpu.standard_trials(key, first, trials, n, [kind], [parameters], TABLE, [(0, len(TABLE))], [band])


@pytest.mark.parametrize(("kind", "parameters"), [(k, p) for k, p, _ in KINDS] + [OF_TABLE])
def test_the_oracle_lies_in_narrow_intervals(kind, parameters):
    first, trials, n = 2**32 - 3, 6, 20
    low, high = drawn(kind, parameters, trials, n, first)
    for i in range(trials):
        for e in range(n):
            for exact in naive.standard_variables(17, first + i, e, kind, parameters, TABLE):
                assert low[i, e] <= exact <= high[i, e]
    assert np.median((high - low) / np.maximum(1.0, high)) < 1e-12
    assert (high - low).max() < 1e-9


def test_different_variables_match_the_oracle_and_further_ones_follow_on():
    kinds, parameters = [k for k, _, _ in KINDS], [p for _, p, _ in KINDS]
    rest = ((), [(0, 0)] * len(kinds), [0.0] * len(kinds))
    low, high = sample_cpu.standard_trials(3, 5, 4, len(kinds), kinds, parameters, *rest)
    for i in range(4):
        for e, (kind, p, _) in enumerate(KINDS):
            assert all(low[i, e] <= x <= high[i, e] for x in naive.standard_variables(3, 5 + i, e, kind, p))
    further = sample_cpu.standard_trials(
        3, 5, 4, 2, kinds[2:4], parameters[2:4], (), [(0, 0)] * 2, [0.0] * 2, first_variable=2
    )
    assert np.array_equal(further.low, low[:, 2:4])
    assert np.array_equal(further.high, high[:, 2:4])


@pytest.mark.parametrize(("kind", "parameters", "law"), [case for case in KINDS if case[2] is not None])
def test_draws_follow_their_laws(kind, parameters, law):
    """Kolmogorov's distance of 100,000 draws; false alarms as stated in statistics_helpers.

    A law whose distribution function is off by 0.016 anywhere is found surely.
    """
    assert follows(drawn(kind, parameters, 1000, 100).low, law.cdf)


def test_a_wrong_law_is_found():
    assert not follows(drawn(tables.GAMMA, (2.0, 0.0), 1000, 100).low, stats.gamma(2.05).cdf)
    assert not follows(drawn(tables.TILTED_UNIT, (-3.0, 0.0), 1000, 100).low, stats.truncexpon(2.8, 0.0, 1 / 2.8).cdf)


def test_tables_are_drawn_with_their_probabilities():
    cells = drawn(*OF_TABLE, 1000, 100).low
    for place, share in enumerate(np.diff([0.0, *TABLE, 1.0])):
        assert at_most(cells == place, share)
        assert at_least(cells == place, share)


def test_a_band_around_the_table_leaves_both_cells_possible():
    low, high = drawn(*OF_TABLE, 500, 100, band=0.01)
    exact = drawn(*OF_TABLE, 500, 100).low
    assert ((low <= exact) & (exact <= high)).all()
    assert at_least(high > low, 0.06)
    assert at_most(high > low, 0.08)


@pytest.mark.parametrize("kind", [tables.GAUSS, tables.GAMMA])
def test_neither_batches_nor_threads_change_a_bit(kind):
    whole = drawn(kind, (0.7, 0.0), 40, 7)
    parts = [drawn(kind, (0.7, 0.0), 13, 7), drawn(kind, (0.7, 0.0), 27, 7, first=13)]
    try:
        launch.set_thread_count(1)
        alone = drawn(kind, (0.7, 0.0), 40, 7)
    finally:
        launch.set_thread_count(None)
    for end in range(2):
        assert np.array_equal(whole[end], np.concatenate([part[end] for part in parts]))
        assert np.array_equal(whole[end], alone[end])


@pytest.mark.parametrize(("balls", "bins"), [(1, 1), (7, 3), (20, 64)])
def test_occupancies_match_the_oracle(balls, bins):
    counts, decided = sample_cpu.occupancy_trials(9, 4, 10, balls, bins)
    assert decided.all()
    assert counts.tolist() == [naive.occupancy(9, 4 + i, balls, bins) for i in range(10)]


@pytest.mark.parametrize(("n", "level"), [(1, 1), (12, 1), (40, 3)])
def test_walks_match_the_oracle(n, level):
    steps = sample_cpu.walk_trials(9, 4, 10, n, level)
    assert steps.tolist() == [naive.stopped_walk(9, 4 + i, n, level) for i in range(10)]
