"""Products with rows and columns of a matrix on CUDA: squads share out rows, lanes columns; see `row_bodies`."""

from __future__ import annotations

from . import row_bodies
from .jit import FloatArray
from .team import rank, ranks, squad, squads, team_sum
from .team_cuda import cuda, on_cuda

_ROWS = 512
"""Rows whose products with a vector are kept in shared memory at a time."""


@on_cuda(row_bodies.inner)
def inner(x: FloatArray, y: FloatArray, length: int) -> float:
    """As `row_bodies.inner`."""
    part = x.dtype.type(0)
    for j in range(cuda.threadIdx.x, length, cuda.blockDim.x):
        part += x[j] * y[j]
    return team_sum(part)


@on_cuda(row_bodies.gram_times)
def gram_times(out: FloatArray, a: FloatArray, m: int, n: int, x: FloatArray) -> None:
    """As `row_bodies.gram_times`, in two passes over each _ROWS rows."""
    lane, lanes = cuda.threadIdx.x, cuda.blockDim.x
    shared = cuda.shared.array(0, out.dtype)  # _ROWS products, then the sums of each lane
    for j in range(lane, n, lanes):
        out[j] = 0
    for top in range(0, m, _ROWS):
        rows = min(_ROWS, m - top)
        for first in range(0, rows, squads()):
            i = first + squad()
            part = out.dtype.type(0)
            if i < rows:
                for j in range(rank(), n, ranks()):
                    part += a[(top + i) * n + j] * x[j]
            shared[_ROWS + lane] = part
            cuda.syncthreads()
            if i < rows and rank() == 0:
                for k in range(1, ranks()):
                    part += shared[_ROWS + lane + k]
                shared[i] = part
            cuda.syncthreads()
        for j in range(lane, n, lanes):
            total = out[j]
            for i in range(rows):
                total += shared[i] * a[(top + i) * n + j]
            out[j] = total
        cuda.syncthreads()
