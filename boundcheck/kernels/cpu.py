"""Kernels on the CPU: statistics of independent draws, points of a sphere, and the norm of one matrix.

Every draw is a pure function of (key, trial, stream, element), and a trial is computed by one thread in a
fixed order: results are bit-identical however trials are split into calls or threads. Shapes are the
caller's to get right, and values the caller's to validate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import FloatArray, IntArray, compiled, compiled_exact
from .lanczos_bodies import LANCZOS_STEPS
from .launch import floats, in_chunks, integers, key_word
from .norm_bodies import SpectralWorkspace, spectral_bounds
from .philox_bodies import fill_words
from .sampling_bodies import fill_laws, sphere_point, statistics
from .tables import STATISTIC, TARGET


class StatisticTrials(NamedTuple):
    """Statistics of T trials of n independent draws."""

    sums: FloatArray  # [T]
    maxima: FloatArray  # [T]
    absolute_sums: FloatArray  # [T] sums of absolute values


@compiled_exact
def new_spectral_workspace(m: int, n: int) -> SpectralWorkspace:
    """Scratch arrays for m × n matrices."""
    p = min(m, n)
    steps = min(p + 8, LANCZOS_STEPS)
    return SpectralWorkspace(
        np.empty((max(m, n), p)),
        np.empty((p, p)),
        np.empty((p, p)),
        np.empty(p),
        np.empty((steps + 1, p)),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
    )


@compiled
def _bounds_one(matrix: FloatArray, m: int, n: int) -> tuple[float, float, float]:
    return spectral_bounds(matrix, np.zeros(m * n, np.uint8), m, n, TARGET, new_spectral_workspace(m, n))


@compiled_exact
def _fill_sphere(points: FloatArray, key: np.uint64, radius: float) -> None:
    count, dimension = points.shape
    words = np.empty(dimension + 4, np.uint32)
    for i in range(count):
        sphere_point(points[i], words, key, i, radius)


@compiled_exact
def _statistic_chunk(
    start: int,
    stop: int,
    n: int,
    key: np.uint64,
    first_trial: np.uint64,
    laws: IntArray,
    law_parameters: FloatArray,
    sums: FloatArray,
    maxima: FloatArray,
    absolute_sums: FloatArray,
) -> None:
    words = np.empty(n + 4, np.uint32)
    values = np.empty(n)
    ones = np.ones(n)
    for i in range(start, stop):
        fill_words(words, n, key, 0, STATISTIC, first_trial + np.uint64(i))
        fill_laws(values, words, n, laws, law_parameters)
        sums[i], maxima[i], absolute_sums[i] = statistics(values, ones)


def sphere_inputs(key: int, count: int, dimension: int, radius: float) -> FloatArray:
    """`count` uniform directions, [count, dimension], whose exact norms are at most `radius`.

    They fall short of `radius` by less than (dimension + 12) · 2^-51 of it. `radius` is 0 or at least
    1e-290. Point i does not depend on `count`.
    """
    points = np.empty((count, dimension))
    _fill_sphere(points, key_word(key), float(radius))
    return points


def spectral_norm(a: npt.ArrayLike) -> tuple[float, float]:
    """Certified bounds (low, high) of the spectral norm of a[m, n]; see `norm_bodies` for the proof.

    (0, 0) for a zero matrix and (0, inf) for one with an entry that is not finite.
    """
    matrix = floats(a)
    low, high, _ = _bounds_one(matrix.reshape(-1), *matrix.shape)
    return low, high


def statistic_trials(
    key: int,
    first_trial: int,
    trials: int,
    n: int,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
) -> StatisticTrials:
    """Sum, maximum and sum of absolute values of n >= 1 independent draws, in each of T trials.

    Parameters
    ----------
    key
        64-bit key of the generator.
    first_trial, trials
        Row i of the results is trial first_trial + i, in [0, 2^63).
    n
        Number of draws in a trial.
    laws, law_parameters
        Codes [n] and parameters [n, 3], one a draw; or of length 1, for identically distributed draws.
    """
    result = StatisticTrials(np.empty(trials), np.empty(trials), np.empty(trials))
    in_chunks(
        _statistic_chunk,
        trials,
        n,
        key_word(key),
        np.uint64(first_trial),
        integers(laws).reshape(-1),
        floats(law_parameters).reshape(-1, 3),
        *result,
    )
    return result
