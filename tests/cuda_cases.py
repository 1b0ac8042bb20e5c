"""What is run on every device, by `kernels/test_cuda.py`: functions of the package, and single bodies.

As a program, `python cuda_cases.py`, all of it in Numba's CUDA simulator, twice, the second time with the lanes in
reverse order; the results are written to standard output. The simulator must be chosen before Numba is imported, hence
a process of its own.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

if __name__ == "__main__":
    os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

import numpy as np
from network_cases import CONVOLUTIONAL, LARGE, LAWS, NETWORKS

from boundcheck.experiment.device import load_kernels
from boundcheck.kernels import launch_cuda, linear_bodies, steps, tables
from boundcheck.kernels.jit import body
from boundcheck.kernels.lanczos_bodies import fill_start
from boundcheck.kernels.philox_bodies import fill_words, philox
from boundcheck.kernels.pooling_bodies import pool
from boundcheck.kernels.sampling_bodies import fill_drawn, fill_laws
from boundcheck.kernels.team import (
    count_one,
    lane,
    lanes,
    rank,
    ranks,
    squad,
    squad_stretch,
    squads,
    stretch,
    sync,
    team_before,
    team_count,
    team_max,
    team_sum,
)
from boundcheck.kernels.team_cuda import cuda
from boundcheck.kernels.tile_bodies import add_products

RNG = np.random.default_rng(3)


def _matrices() -> dict[str, Any]:
    start = np.empty(6)
    fill_start(start)
    hidden = RNG.standard_normal(6)
    hidden -= start * (hidden @ start) / (start @ start)
    return {
        "wide": RNG.standard_normal((2, 5, 9)),
        "tall": RNG.standard_normal((1, 11, 3)),
        "hidden from the start vector": np.outer(RNG.standard_normal(7), hidden)[None],
        "extreme": np.array([[[0.0, 0.0]], [[np.inf, 1.0]], [[1e300, 1e300]], [[3e-310, 0.0]]]),
    }


MATRICES = _matrices()
LARGE_MATRICES = {
    "norms: large": RNG.standard_normal((2, 300, 200)),
    "norms: tall and large": RNG.standard_normal((2, 700, 40)),
}

CALLS: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "points": lambda load: (load("").sphere_inputs(3, 5, 7, 2.0),),
    "statistics of each law": lambda load: [
        array for law, parameters in LAWS for array in load("").statistic_trials(5, 2**40, 3, 11, [law], [parameters])
    ],
    "statistics of all laws": lambda load: load("").statistic_trials(
        5, 7, 2, 8, [law for law, _ in 2 * LAWS], [parameters for _, parameters in 2 * LAWS]
    ),
    "one norm": lambda load: np.array([load("").spectral_norm(MATRICES["wide"][0])]),
    **{
        f"norms: {name}": lambda load, matrices=matrices: load("matrix").norm_trials(matrices)
        for name, matrices in MATRICES.items()
    },
    "weights of some trials": lambda load: load("network").network_draws(
        2**40 + 1,
        [6, 2],
        CONVOLUTIONAL,
        [tables.UNIFORM, tables.TWO_POINT],
        [(-0.5, 2.0, 0.0), (-1.0, 1.0, 0.3)],
        [tables.MAGNITUDE, tables.RANDOM],
        [11, 3],
    ),
    **NETWORKS,
}
"""Functions that are called with `load_kernels` of a device."""


class Body(NamedTuple):
    """A function run(arguments, results) that fills results, and what to call it with."""

    run: Callable[[Any, Any], None]
    arguments: tuple[Any, ...]
    results: tuple[Any, ...]


BODIES: dict[str, Body] = {}


def on_device(arguments: tuple[Any, ...], results: tuple[Any, ...], name: str = "") -> Any:
    """Enter a function in the list, with arguments and with results of the same shapes."""

    def enter(function: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        BODIES[name or function.__name__] = Body(body(function), arguments, results)
        return function

    return enter


COUNTERS = np.array(
    [[0] * 6, [2**32 - 1] * 6, [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0]]
)


@on_device((COUNTERS.astype(np.uint64),), (np.empty((3, 4), np.uint64),))
def known_answers(arguments, results):
    counters, words = arguments[0], results[0]
    for i in range(lane(), counters.shape[0], lanes()):
        c = counters[i]
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = philox(c[0], c[1], c[2], c[3], c[4], c[5])


WORDS = (101, np.uint64(2**64 - 1), 3, 2, np.uint64(2**63 - 1))


@on_device(WORDS, (np.empty(104, np.uint32),))
def words(arguments, results):
    count, key, layer, stream, trial = arguments
    fill_words(results[0], count, key, layer, stream, trial)


def _draws(arguments, results):
    words, laws, parameters = arguments
    fill_laws(results[0], words, results[0].shape[0], laws, parameters)


RANDOM_WORDS = RNG.integers(0, 2**32, 44, dtype=np.uint32)
for _law, _parameters in LAWS:
    on_device((RANDOM_WORDS, np.array([_law]), np.array([_parameters])), (np.empty(41),), f"draws of law {_law}")(
        _draws
    )


@on_device((np.uint64(5), np.uint64(6)), (np.empty(4099), np.empty(2048, np.uint32)))
def drawn_in_stretches(arguments, results):
    key, trial = arguments
    out, words = results
    fill_drawn(out, words, out.shape[0], key, 1, 0, trial, 0, -1.0, 1.0, 0.0)
    for e in range(lane(), words.shape[0], lanes()):
        words[e] = 0


HIDDEN = RNG.standard_normal(3 * 5 * 4 * 6)
POOLED = np.empty(3 * 3 * 2 * 6)
_WINDOWS = (3, (2, 3), (2, 2), ((1, 0), (1, 1)), (5, 4))


def _pooled(arguments, results):
    hidden, step = arguments
    pool(results[0], hidden, step, 6)


on_device((HIDDEN, np.array(steps.pool(steps.MAX_POOL, *_WINDOWS))), (POOLED,), "largest of windows")(_pooled)
on_device((HIDDEN, np.array(steps.pool(steps.AVERAGE_POOL, *_WINDOWS, False))), (POOLED,), "average of windows")(
    _pooled
)

SIZES = [(3, 5, 7), (21, 19, 13), (200, 50, 100)]
for _type in (np.float64, np.float32):
    for _m, _k, _length in SIZES:
        _given = tuple(
            RNG.standard_normal(n).astype(_type) for n in (4 + _m * (_length + 2), _m * _k, 3 + _k * _length)
        )
        _offsets = 2 + _length * np.arange(_k)[::-1].copy()

        @on_device((*_given, _offsets, _m, _length), (np.empty_like(_given[0]),), f"products {_m} {_type.__name__}")
        def products(arguments, results):
            before, a, rows, offsets, m, length = arguments
            out = results[0]
            for e in range(lane(), out.shape[0], lanes()):
                out[e] = before[e]
            sync()
            add_products(out, 3, length + 2, a, m, rows, 1, offsets, length)


TALL = RNG.standard_normal((19, 21))
DEFINITE = TALL.T @ TALL + np.eye(21)
INDEFINITE = DEFINITE - 3.0 * np.eye(21)


@on_device((TALL,), (np.empty((21, 21)),))
def gram(arguments, results):
    linear_bodies.gram(results[0], arguments[0])


@on_device((DEFINITE, TALL[0].copy()), (np.empty(21),))
def symmetric_times(arguments, results):
    linear_bodies.symmetric_times(results[0], arguments[0], arguments[1])


def _factored(arguments, results):
    a = arguments[0]
    factor, failed, direction = results
    for i in range(squad(), a.shape[0], squads()):
        for j in range(rank(), a.shape[1], ranks()):
            factor[i, j] = a[i, j] if j >= i else 0.0
    sync()
    failed[0] = linear_bodies.cholesky(factor)
    if failed[0] >= 0:
        linear_bodies.negative_direction(direction, factor, failed[0])
    else:
        for i in range(lane(), direction.shape[0], lanes()):
            direction[i] = 0.0


FACTORED = (np.empty((21, 21)), np.empty(1, np.int64), np.empty(21))
on_device((DEFINITE,), FACTORED, "Cholesky")(_factored)
on_device((INDEFINITE,), FACTORED, "Cholesky that fails")(_factored)

NUMBERS = RNG.standard_normal(10)


@on_device((NUMBERS,), (np.empty(2), np.empty(10, np.int64), np.empty(4, np.int64), np.empty((6, 5))))
def team(arguments, results):
    numbers = arguments[0]
    floats, before, counts, table = results
    total, largest, positive = 0.0, -np.inf, 0
    for e in range(lane(), numbers.shape[0], lanes()):
        total += numbers[e]
        largest = max(largest, numbers[e])
    floats[0] = team_sum(total)
    floats[1] = team_max(largest)
    start, stop = stretch(numbers.shape[0])
    for e in range(start, stop):
        positive += 1 if numbers[e] > 0.0 else 0
    smaller = team_before(positive)
    for e in range(start, stop):
        before[e] = smaller
        smaller += 1 if numbers[e] > 0.0 else 0
    for d in range(lane(), 4, lanes()):
        counts[d] = 0
    sync()
    for e in range(lane(), numbers.shape[0], lanes()):
        count_one(counts, e % 3)
    sync()
    counts[3] = team_count(True) - lanes()
    first, last = squad_stretch(5)
    for i in range(squad(), 6, squads()):
        for j in range(rank(), 5, ranks()):
            table[i, j] = 10 * i + j
    sync()
    for i in range(6):
        for j in range(rank(), last - first, ranks()):
            table[i, first + j] += 100
    sync()


@on_device((), (np.empty(8 * 8),))
def race(arguments, results):
    out = results[0]  # of 4 lanes, which only the simulator has, 8 times: on a busy machine one may come out alike
    for e in range(lane(), out.size, lanes()):
        out[e] = 0.0
    sync()
    for start in range(0, out.size, 8):
        out[start + lane()] = 1.0  # no sync: what the neighbour reads depends on who comes first
        out[start + 4 + lane()] = out[start + (lane() + 1) % lanes()] if lanes() > 1 else 0.0
        sync()


SIMULATED_ONLY = {"race"}
GPU_ONLY = {f"products 200 {name}" for name in ("float64", "float32")}


def run_body(case: Body, width: int = 64) -> Any:
    """Run a body by one team on the device of `launch_cuda`."""
    run = case.run

    def kernel(trials, arguments, workspace, results):
        if cuda.blockIdx.x == 0:
            run(arguments, results)

    return launch_cuda.launch(cuda_jit(kernel), width, case.arguments, (np.empty((0, 1)),), case.results)


def cuda_jit(function: Any) -> Any:
    """Compile for the device, without a cache."""
    from numba import cuda as compiler

    return compiler.jit(function)


def run_all() -> dict[str, Any]:
    """Everything that the simulator can do."""
    measured = {
        name: [np.array(a) for a in call(lambda part: load_kernels("cuda", part))] for name, call in CALLS.items()
    }
    bodies = {name: case for name, case in BODIES.items() if name not in GPU_ONLY}
    return measured | {name: [np.array(a) for a in run_body(case)] for name, case in bodies.items()}


def run_on_gpu() -> dict[str, Any]:
    """Everything, in teams of many squads where there is enough to do."""
    calls = (
        CALLS | LARGE | {name: lambda load, m=m: load("matrix").norm_trials(m) for name, m in LARGE_MATRICES.items()}
    )
    measured = {
        name: [np.array(a) for a in call(lambda part: load_kernels("cuda", part))] for name, call in calls.items()
    }
    bodies = {name: case for name, case in BODIES.items() if name not in SIMULATED_ONLY}
    return measured | {name: [np.array(a) for a in run_body(case, 256)] for name, case in bodies.items()}


def reverse_lanes() -> None:
    """Let lane 0 be the thread that is started last."""
    from numba.cuda.simulator.kernelapi import Dim3, FakeCUDAModule

    thread = FakeCUDAModule.threadIdx.fget
    FakeCUDAModule.threadIdx = property(lambda self: Dim3(self.blockDim.x - 1 - thread(self).x, 0, 0))


if __name__ == "__main__":
    sys.setswitchinterval(1e-4)  # or each sync takes milliseconds
    forward = run_all()
    reverse_lanes()
    pickle.dump((forward, run_all()), sys.stdout.buffer)
