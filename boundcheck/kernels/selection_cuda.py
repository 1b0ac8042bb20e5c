"""Order statistics on CUDA: a radix selection whose counts the lanes of a team share; see `selection_bodies`."""

from __future__ import annotations

import numpy as np
from numba import types

from . import selection_bodies
from .jit import FloatArray, IntArray, KeyArray
from .team_cuda import cuda, on_cuda

_BITS = 8
_DIGITS = 1 << _BITS
_DIGIT = np.uint64(_DIGITS - 1)
_SHIFT = np.uint64(_BITS)


@on_cuda(selection_bodies.select_key)
def select_key(keys: KeyArray, count: int, rank: int, candidates: KeyArray, counts: IntArray) -> tuple[np.uint64, int]:
    """As `selection_bodies.select_key`, without its scratch arrays: what is not sought is passed over."""
    histogram = cuda.shared.array(0, types.int32)
    found = np.uint64(0)
    smaller = 0
    for shift in range(64 - _BITS, -1, -_BITS):
        for d in range(cuda.threadIdx.x, _DIGITS, cuda.blockDim.x):
            histogram[d] = 0
        cuda.syncthreads()
        for e in range(cuda.threadIdx.x, count, cuda.blockDim.x):
            key = keys[e] >> np.uint64(shift)
            if key >> _SHIFT == found:
                cuda.atomic.add(histogram, np.int64(key & _DIGIT), 1)
        cuda.syncthreads()
        digit = 0
        while smaller + histogram[digit] <= rank:
            smaller += histogram[digit]
            digit += 1
        found = (found << _SHIFT) | np.uint64(digit)
        cuda.syncthreads()
    return found, smaller


@on_cuda(selection_bodies.magnitude_of_rank)
def magnitude_of_rank(weights: FloatArray, count: int, rank: int, candidates: KeyArray) -> tuple[float, int]:
    """As `selection_bodies.magnitude_of_rank`; candidates[count] takes the bits of the magnitudes."""
    if rank >= count:
        return weights.dtype.type(np.inf), count
    selection_bodies.magnitude_keys(candidates, weights, count)
    key, smaller = selection_bodies.select_key(candidates, count, rank, candidates, candidates)
    return weights.dtype.type(key.view(np.float64)), smaller
