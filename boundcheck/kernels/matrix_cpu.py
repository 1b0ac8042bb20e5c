"""Certified spectral norms of many matrices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .cpu import new_spectral_workspace
from .jit import FloatArray, compiled
from .launch import floats, in_chunks
from .norm_bodies import spectral_bounds
from .tables import TARGET


@compiled
def _norm_chunk(start: int, stop: int, matrices: FloatArray, low: FloatArray, high: FloatArray) -> None:
    m, n = matrices.shape[1], matrices.shape[2]
    workspace = new_spectral_workspace(m * n, min(m, n))
    nothing = np.zeros((m, n), np.uint8)
    for i in range(start, stop):
        low[i], high[i], _ = spectral_bounds(matrices[i], nothing, TARGET, workspace)


def norm_trials(matrices: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Certified lower and upper bounds [T] of the spectral norms of matrices[T, m, n]; see `norm_bodies`."""
    given = floats(matrices)
    low, high = np.empty(len(given)), np.empty(len(given))
    in_chunks(_norm_chunk, len(given), given, low, high)
    return low, high
