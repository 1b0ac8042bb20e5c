"""Sums and maxima of independent draws against the oracle."""

import math

import naive
import numpy as np
import pytest

from boundcheck.kernels import cpu, tables

LAWS = [
    (tables.UNIFORM, (-1.0, 2.0, 0.0)),
    (tables.NORMAL, (0.5, 2.0, 0.0)),
    (tables.TWO_POINT, (-1.0, 1.0, 0.5)),
    (tables.EXPONENTIAL, (2.0, 0.0, 0.0)),
]


def check(measured, first, n, laws, parameters):
    for i in range(len(measured.sums)):
        x = naive.draws(n, 21, 0, tables.STATISTIC, first + i, laws, parameters)
        size = math.fsum(map(abs, x))
        assert abs(measured.sums[i] - math.fsum(x)) <= 1e-13 * size
        assert measured.maxima[i] == pytest.approx(max(x), rel=1e-14)
        assert measured.absolute_sums[i] == pytest.approx(size, rel=1e-13)


@pytest.mark.parametrize(("law", "parameters"), LAWS)
@pytest.mark.parametrize("n", [1, 2, 5, 33])
def test_identical_laws_match_the_oracle(law, parameters, n):
    check(cpu.statistic_trials(21, 2**32 - 1, 3, n, [law], [parameters]), 2**32 - 1, n, [law], [parameters])


@pytest.mark.parametrize("n", [2, 5, 8, 31])
def test_different_laws_match_the_oracle(n):
    laws = [LAWS[e % 4][0] for e in range(n)]
    parameters = [LAWS[e % 4][1] for e in range(n)]
    check(cpu.statistic_trials(21, 4, 3, n, laws, parameters), 4, n, laws, parameters)


@pytest.mark.parametrize(("law", "parameters"), LAWS)
def test_one_law_repeated_is_the_same_as_one_law(law, parameters):
    once = cpu.statistic_trials(3, 0, 9, 13, [law], [parameters])
    repeated = cpu.statistic_trials(3, 0, 9, 13, [law] * 13, [parameters] * 13)
    assert all(np.array_equal(a, b) for a, b in zip(once, repeated, strict=True))


def test_splitting_trials_changes_no_bit():
    law = [tables.NORMAL], [(0.0, 1.0, 0.0)]
    whole = cpu.statistic_trials(3, 10, 7, 50, *law)
    parts = [cpu.statistic_trials(3, 10, 3, 50, *law), cpu.statistic_trials(3, 13, 4, 50, *law)]
    for a, pair in zip(whole, zip(*parts, strict=True), strict=True):
        assert np.array_equal(a, np.concatenate(pair))
