"""Spectral norms of many matrices, certified or estimated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .cpu import new_spectral_workspace
from .estimate_bodies import ESTIMATE_STEPS, EstimateWorkspace, spectral_estimate
from .jit import FloatArray, compiled, compiled_exact
from .launch import floats, in_chunks
from .norm_bodies import spectral_bounds
from .tables import DOUBLE, NUMBERS, TARGET


@compiled
def _norm_chunk(start: int, stop: int, matrices: FloatArray, low: FloatArray, high: FloatArray) -> None:
    m, n = matrices.shape[1], matrices.shape[2]
    workspace = new_spectral_workspace(m, n)
    nothing = np.zeros(m * n, np.uint8)
    for i in range(start, stop):
        low[i], high[i], _ = spectral_bounds(matrices[i].reshape(m * n), nothing, m, n, TARGET, workspace)


@compiled_exact
def new_estimate_workspace(entries: int, filters: int, terms: int, like: FloatArray) -> EstimateWorkspace:
    """Scratch arrays for matrices of up to [filters, terms] and `entries` entries."""
    return EstimateWorkspace(
        np.empty(3 * terms, like.dtype),
        np.empty(entries, like.dtype),
        np.empty(ESTIMATE_STEPS),
        np.empty(ESTIMATE_STEPS),
        np.empty(entries, np.int32),
        np.empty(filters, np.int32),
    )


@compiled
def _estimate_chunk(start: int, stop: int, matrices: FloatArray, estimates: FloatArray) -> None:
    m, n = matrices.shape[1], matrices.shape[2]
    workspace = new_estimate_workspace(m * n, m, n, matrices)
    for i in range(start, stop):
        estimates[i] = spectral_estimate(matrices[i].reshape(m * n), False, m, n, workspace)


def norm_trials(matrices: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Certified lower and upper bounds [T] of the spectral norms of matrices[T, m, n]; see `norm_bodies`."""
    given = floats(matrices)
    low, high = np.empty(len(given)), np.empty(len(given))
    in_chunks(_norm_chunk, len(given), given, low, high)
    return low, high


def norm_estimates(matrices: npt.ArrayLike, *, precision: str = DOUBLE) -> FloatArray:
    """Estimates [T] of the spectral norms of matrices[T, m, n], computed in the precision; see `estimate_bodies`."""
    given = np.array(matrices, dtype=NUMBERS[precision], order="C")
    estimates = np.empty(len(given))
    in_chunks(_estimate_chunk, len(given), given, estimates)
    return estimates
