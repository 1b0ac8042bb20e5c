"""Spectral norms of many matrices against the oracle."""

import naive
import numpy as np
import pytest

from boundcheck.kernels import matrix_cpu


@pytest.mark.parametrize(("m", "n"), [(1, 1), (4, 3), (3, 7)])
def test_the_oracle_lies_between_certified_bounds(m, n):
    matrices = np.random.default_rng(1).normal(size=(5, m, n))
    matrices[1] = 0.0
    low, high = matrix_cpu.norm_trials(matrices)
    for i, matrix in enumerate(matrices):
        exact = naive.spectral_norm(matrix)
        assert low[i] <= exact <= high[i]
        assert high[i] <= exact * (1 + 1e-5)


def test_an_entry_that_is_not_finite_bounds_nothing():
    low, high = matrix_cpu.norm_trials(np.array([[[1.0, np.inf]]]))
    assert (low[0], high[0]) == (0.0, np.inf)
