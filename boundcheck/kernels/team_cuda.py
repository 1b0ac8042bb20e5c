"""Teams on CUDA: the threads of one block, in squads of a warp each; see `team`.

Where CUDA is simulated (NUMBA_ENABLE_CUDASIM=1), the same functions run in plain Python, a thread for each lane, in
squads so small that a few lanes make several.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import config, types
from numba import cuda as compiler
from numba.extending import overload

from . import team
from .jit import IntArray
from .team import Function

MOST_LANES = 256
SHARED_BYTES = 24704  # of tile_cuda's two tiles: 16 · (129 + 64) numbers
"""Memory that the lanes of a team share, always the same bytes: syncs part its uses.

Arrays of a fixed size would be static variables, and those of a function that two others call are linked twice.
"""
SIMULATED = bool(getattr(config, "ENABLE_CUDASIM", False))
SQUAD = 2 if SIMULATED else 32

cuda: Any = compiler
"""What a kernel calls `cuda`."""

if SIMULATED:
    from numba.cuda.simulator.kernel import _get_kernel_context as running

    class _Running:
        """What `cuda` is inside the kernel that runs."""

        def __getattr__(self, name: str) -> Any:
            return getattr(running(), name)

    cuda = _Running()


def on_cuda(replaced: Any) -> Any:
    """Make a function the CUDA version of a primitive."""

    def register(function: Function) -> Function:
        if SIMULATED:
            in_kernel, outside = function, replaced.__wrapped__
            team.simulated[replaced] = lambda *arguments: (in_kernel if running() else outside)(*arguments)
        else:
            overload(replaced, strict=False, target="cuda")(lambda *arguments: function)
        return function

    return register


@on_cuda(team.lane)
def _lane() -> int:
    return cuda.threadIdx.x


@on_cuda(team.lanes)
def _lanes() -> int:
    return cuda.blockDim.x


@on_cuda(team.sync)
def _sync() -> None:
    cuda.syncthreads()


@on_cuda(team.squad)
def _squad() -> int:
    return cuda.threadIdx.x // SQUAD


@on_cuda(team.squads)
def _squads() -> int:
    return cuda.blockDim.x // SQUAD


@on_cuda(team.rank)
def _rank() -> int:
    return cuda.threadIdx.x % SQUAD


@on_cuda(team.ranks)
def _ranks() -> int:
    return SQUAD


@on_cuda(team.stretch)
def _stretch(count: int) -> tuple[int, int]:
    length = (count + cuda.blockDim.x - 1) // cuda.blockDim.x
    first = min(cuda.threadIdx.x * length, count)
    return first, min(first + length, count)


@on_cuda(team.squad_stretch)
def _squad_stretch(count: int) -> tuple[int, int]:
    squads = cuda.blockDim.x // SQUAD
    length = (count + squads - 1) // squads
    first = min(cuda.threadIdx.x // SQUAD * length, count)
    return first, min(first + length, count)


@on_cuda(team.team_sum)
def _team_sum(x: float) -> float:
    values = cuda.shared.array(0, types.float64)
    values[cuda.threadIdx.x] = x
    cuda.syncthreads()
    total = values[0]
    for i in range(1, cuda.blockDim.x):
        total += values[i]
    cuda.syncthreads()
    return total


@on_cuda(team.team_max)
def _team_max(x: float) -> float:
    values = cuda.shared.array(0, types.float64)
    values[cuda.threadIdx.x] = x
    cuda.syncthreads()
    largest = values[0]
    for i in range(1, cuda.blockDim.x):
        largest = max(largest, values[i])
    cuda.syncthreads()
    return largest


@on_cuda(team.team_count)
def _team_count(condition: bool) -> int:
    return cuda.syncthreads_count(np.int32(condition))


@on_cuda(team.team_before)
def _team_before(x: int) -> int:
    values = cuda.shared.array(0, types.int64)
    values[cuda.threadIdx.x] = x
    cuda.syncthreads()
    total = 0
    for i in range(cuda.threadIdx.x):
        total += values[i]
    cuda.syncthreads()
    return total


@on_cuda(team.count_one)
def _count_one(counts: IntArray, i: int) -> int:
    return cuda.atomic.add(counts, i, 1)


if not SIMULATED:

    @on_cuda(team.rounded_product)
    def _rounded_product(a: float, b: float) -> float:
        return cuda.libdevice.dmul_rn(a, b)
