"""All options of the just-in-time compiler, and the array types that the kernels are written in.

Contraction to fused multiply-adds is the only liberty given to the compiler, and only to `compiled`:
reassociation would make results depend on the vector width of the machine, and could merge the two
powers of two of a scaling into one that overflows. Long reductions are unrolled by hand instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from numba.extending import register_jitable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
IndexArray = npt.NDArray[np.int32]
ByteArray = npt.NDArray[np.uint8]
WordArray = npt.NDArray[np.uint32]
KeyArray = npt.NDArray[np.uint64]

# A body is compiled with the options of whatever calls it: a CPU loop here, a CUDA kernel elsewhere.
body = register_jitable

# The same, but made part of its caller whatever its length: a loop with a call in it is not vectorised.
inlined = register_jitable(forceinline=True)

_SOURCES = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()


COMPILED: list[Any] = []
"""All compiled functions of the modules that were imported."""


def _jit(function: Callable[..., Any], **options: Any) -> Any:
    options |= {"nogil": True, "error_model": "numpy"}
    try:
        dispatcher = stamped(njit(cache=True, **options)(function))
    except RuntimeError:
        # Nowhere to write a cache, neither beside the package nor in the home folder: compile in every process.
        dispatcher = njit(**options)(function)
    COMPILED.append(dispatcher)
    return dispatcher


def stamped(dispatcher: Any) -> Any:
    """Let the cache of a compiled function go stale when any file of this folder changes.

    Numba only looks at the file of the function itself, so editing a body would leave stale machine code of its
    callers in the cache.
    """
    cache_file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(cache_file, "_source_stamp"):
        cache_file._source_stamp = _SOURCES
    return dispatcher


def compiled(function: Callable[..., Any]) -> Any:
    """Compile with fused multiply-adds allowed; for linear algebra."""
    return _jit(function, fastmath={"contract"})


def compiled_exact(function: Callable[..., Any]) -> Any:
    """Compile with every operation rounded as written; for sampling and scaling."""
    return _jit(function, fastmath=False)
