"""What every launch of a kernel does: arrays of one layout, keys of 64 bits, and threads that share out the trials."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt

from .jit import FloatArray, IntArray

_chosen_threads: int | None = None


def floats(values: npt.ArrayLike) -> FloatArray:
    """A fresh contiguous copy, so that each kernel is compiled for one layout only."""
    return np.array(values, dtype=np.float64, order="C")


def integers(values: npt.ArrayLike) -> IntArray:
    """Like :func:`floats`, of 64-bit integers."""
    return np.array(values, dtype=np.int64, order="C")


def key_word(key: int) -> np.uint64:
    """The low 64 bits of a key."""
    return np.uint64(int(key) & 0xFFFFFFFFFFFFFFFF)


def thread_count() -> int:
    """Threads that share out the trials: as many as were set here, else as many as Numba would take."""
    return _chosen_threads or numba.get_num_threads()


def set_thread_count(count: int | None) -> None:
    """Let so many threads share out the trials, or the default number; results do not depend on it."""
    global _chosen_threads
    _chosen_threads = count


def in_chunks(kernel: Callable[..., None], trials: int, *arguments: object) -> None:
    """Run kernel(start, stop, *arguments) over all trials in :func:`thread_count` threads.

    Kernels release the interpreter lock, so plain threads do; unlike Numba's own parallel loops they may
    be used from several Python threads and after a fork, and take no time to compile.
    """
    threads = thread_count()
    if threads == 1 or trials < 2:
        kernel(0, trials, *arguments)
        return
    chunks = min(trials, 4 * threads)  # more than one a thread, lest all wait for the slowest
    ends = [chunk * trials // chunks for chunk in range(chunks + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(kernel, *span, *arguments) for span in pairwise(ends)]:
            done.result()
