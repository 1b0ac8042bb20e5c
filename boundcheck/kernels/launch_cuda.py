"""What every launch of a kernel on a GPU does: one team a trial, as many teams as there is room for.

A kernel is called with (trials, arguments, workspace, results), the last three being tuples of what is on the device:
block b takes the trials b, b + blocks, … one after the other in row b of the workspace. Only results come back.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba.core.errors import NumbaPerformanceWarning

from . import row_cuda, selection_cuda, tile_cuda  # noqa: F401  what CUDA has versions of its own of
from .jit import stamped
from .team_cuda import MOST_LANES, SHARED_BYTES, SIMULATED, SQUAD
from .team_cuda import compiler as cuda

_LANES_OF_A_PROCESSOR = 1024
_SHARE_OF_MEMORY = 0.75

Tuple = TypeVar("Tuple", bound=tuple[Any, ...])

KERNELS: list[Any] = []
"""All kernels of the modules that were imported."""


def kernel(function: Callable[..., None]) -> Any:
    """Compile for the GPU, where it is first launched."""
    try:
        compiled = stamped(cuda.jit(function, cache=True))
    except RuntimeError:  # nowhere to write a cache
        compiled = cuda.jit(function)
    KERNELS.append(compiled)
    return compiled


class Gpu:
    """The first GPU: what a launch asks of a device."""

    def limits(self, width: int, needed: int) -> tuple[int, int]:
        """How many teams there may be, each with `needed` bytes, and how many lanes each of them has."""
        lanes = min(MOST_LANES, SQUAD * -(-max(1, width) // SQUAD))
        processors = cuda.get_current_device().MULTIPROCESSOR_COUNT
        free = cuda.current_context().get_memory_info()[0]
        room = int(_SHARE_OF_MEMORY * free) // max(1, needed)
        if room == 0:
            raise MemoryError(f"a trial needs {needed:,} bytes of the GPU's, of which {free:,} are free; use the CPU")
        return min(room, processors * _LANES_OF_A_PROCESSOR // lanes), lanes

    def put(self, value: Any) -> Any:
        """Copy an array to the device, and leave a number as it is."""
        return cuda.to_device(value) if isinstance(value, np.ndarray) else value

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """A new array."""
        return cuda.device_array(shape, dtype)

    def get(self, array: Any) -> Any:
        """Copy an array back."""
        return array.copy_to_host()

    def start(self, compiled: Any, blocks: int, lanes: int, *arguments: Any) -> None:
        """Launch."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NumbaPerformanceWarning)  # a short run does not fill a GPU
            compiled[blocks, lanes, 0, SHARED_BYTES](*arguments)


class Simulator(Gpu):
    """Plain Python, on plain arrays: those that Numba's simulator wraps are slow and can do less."""

    blocks = 2
    lanes = 4

    def limits(self, width: int, needed: int) -> tuple[int, int]:
        return self.blocks, self.lanes

    def put(self, value: Any) -> Any:
        return value

    def empty(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        return np.empty(shape, dtype)

    def get(self, array: Any) -> Any:
        return array


device: Gpu = Simulator() if SIMULATED else Gpu()
"""What kernels are launched on."""


def _each(function: Callable[[Any], Any], given: Tuple) -> Tuple:
    values = [_each(function, value) if isinstance(value, tuple) else function(value) for value in given]
    return type(given)(*values) if hasattr(given, "_fields") else type(given)(values)


def _bytes_of_a_team(workspace: tuple[Any, ...]) -> int:
    parts = [_bytes_of_a_team(a) if isinstance(a, tuple) else int(np.prod(a.shape[1:])) * a.itemsize for a in workspace]
    return sum(parts)


def scratch(*shape: int, dtype: npt.DTypeLike = np.float64) -> Any:
    """A scratch array of a team, as :func:`launch` takes it."""
    return np.empty((0, *shape), dtype)


def launch(compiled: Any, width: int, arguments: tuple[Any, ...], workspace: tuple[Any, ...], results: Tuple) -> Tuple:
    """Run a kernel over all trials and return the results, filled.

    Parameters
    ----------
    compiled
        A :func:`kernel`.
    width
        Number of elements that lanes share out at a time.
    arguments
        Numbers, arrays, and tuples of such.
    workspace
        Scratch arrays of a team, made by :func:`scratch`, and tuples of such.
    results
        Arrays of one row a trial, for their shapes and types.
    """
    trials = len(results[0])
    if trials == 0:
        return results
    filled = _each(lambda a: device.empty(a.shape, a.dtype), results)
    given = _each(device.put, arguments)
    blocks, lanes = device.limits(width, _bytes_of_a_team(workspace))  # of what is still free
    blocks = min(blocks, trials)
    scratch_of_all = _each(lambda a: device.empty((blocks, *a.shape[1:]), a.dtype), workspace)
    device.start(compiled, blocks, lanes, trials, given, scratch_of_all, filled)
    return _each(device.get, filled)
