"""Certified spectral norms of many matrices on a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .jit import FloatArray
from .lanczos_bodies import LANCZOS_STEPS
from .launch import floats
from .launch_cuda import kernel, launch, scratch
from .norm_bodies import SpectralWorkspace, spectral_bounds, spectral_workspace_of
from .tables import TARGET
from .team_cuda import cuda


def spectral_scratch(m: int, n: int) -> SpectralWorkspace:
    """Scratch arrays of a team for m × n matrices."""
    p = min(m, n)
    steps = min(p + 8, LANCZOS_STEPS)
    return SpectralWorkspace(
        scratch(max(m, n), p),
        scratch(p, p),
        scratch(p, p),
        scratch(p),
        scratch(steps + 1, p),
        scratch(steps),
        scratch(steps),
        scratch(steps),
        scratch(steps),
    )


@kernel
def _norm_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    matrices, nothing, m, n = arguments
    low, high = results
    own = spectral_workspace_of(workspace, cuda.blockIdx.x)
    for i in range(cuda.blockIdx.x, trials, cuda.gridDim.x):
        low[i], high[i], _ = spectral_bounds(matrices[i], nothing, m, n, TARGET, own)


def norm_trials(matrices: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """As `matrix_cpu.norm_trials`."""
    given = floats(matrices)
    trials, m, n = given.shape
    results = (np.empty(trials), np.empty(trials))
    arguments = (given.reshape(trials, m * n), np.zeros(m * n, np.uint8), m, n)
    return launch(_norm_kernel, min(m, n), arguments, spectral_scratch(m, n), results)
