"""Kernels on a GPU, twins of those in `cpu`: the same functions for the same draws.

Integers and uniform draws are bit-identical to the CPU's. Other numbers differ by roundings, since sums are taken in
the order of the lanes, products and sums are fused, and logarithms and cosines are the GPU's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .cpu import StatisticTrials
from .jit import FloatArray
from .launch import floats, integers, key_word
from .launch_cuda import kernel, launch, scratch
from .matrix_cuda import norm_trials
from .philox_bodies import fill_words
from .sampling_bodies import fill_laws, sphere_point, statistics
from .tables import STATISTIC
from .team_cuda import cuda

__all__ = ["StatisticTrials", "spectral_norm", "sphere_inputs", "statistic_trials"]


@kernel
def _sphere_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    key, radius = arguments
    words = workspace[0][cuda.blockIdx.x]
    points = results[0]
    for i in range(cuda.blockIdx.x, trials, cuda.gridDim.x):
        sphere_point(points[i], words, key, i, radius)


@kernel
def _statistic_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    key, first_trial, laws, law_parameters, ones = arguments
    words, values = workspace[0][cuda.blockIdx.x], workspace[1][cuda.blockIdx.x]
    sums, maxima, absolute_sums = results
    n = values.shape[0]
    for i in range(cuda.blockIdx.x, trials, cuda.gridDim.x):
        fill_words(words, n, key, 0, STATISTIC, first_trial + np.uint64(i))
        fill_laws(values, words, n, laws, law_parameters)
        sums[i], maxima[i], absolute_sums[i] = statistics(values, ones)


def sphere_inputs(key: int, count: int, dimension: int, radius: float) -> FloatArray:
    """As `cpu.sphere_inputs`."""
    points = (np.empty((count, dimension)),)
    workspace = (scratch(dimension + 4, dtype=np.uint32),)
    return launch(_sphere_kernel, dimension, (key_word(key), float(radius)), workspace, points)[0]


def spectral_norm(a: npt.ArrayLike) -> tuple[float, float]:
    """As `cpu.spectral_norm`."""
    low, high = norm_trials(floats(a)[None])
    return float(low[0]), float(high[0])


def statistic_trials(
    key: int,
    first_trial: int,
    trials: int,
    n: int,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
) -> StatisticTrials:
    """As `cpu.statistic_trials`."""
    arguments = (
        key_word(key),
        np.uint64(first_trial),
        integers(laws).reshape(-1),
        floats(law_parameters).reshape(-1, 3),
        np.ones(n),
    )
    workspace = (scratch(n + 4, dtype=np.uint32), scratch(n))
    results = StatisticTrials(np.empty(trials), np.empty(trials), np.empty(trials))
    return launch(_statistic_kernel, n, arguments, workspace, results)
