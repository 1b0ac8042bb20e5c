"""Planning and exact verdicts in several processes, while this one gets the kernels ready."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from boundcheck.check.simulate import simulate_event
from boundcheck.check.simulate_mean import simulate_expectation
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import network_plan
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import magnitude, prune
from boundcheck.statement.randomness import Matrix, iid, random_matrix, spectral_norm, sum_of
from boundcheck.statement.theorem import Theorem

T = TypeVar("T")
_jobs: list[Callable[[], Any]] = []
"""What the processes work on: they are forked after it is filled, so that nothing has to be sent to them."""


def _run(place: int) -> Any:
    return _jobs[place]()


@contextmanager
def started(jobs: Sequence[Callable[[], T]], workers: int) -> Iterator[Iterator[T]]:
    """Start the jobs in so many processes; yields their results in order. One worker, or no fork: here, one by one."""
    if workers < 2 or len(jobs) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield (job() for job in jobs)
        return
    _jobs[:] = jobs
    pool = ProcessPoolExecutor(min(workers, len(jobs)), multiprocessing.get_context("fork"))
    try:
        yield pool.map(_run, range(len(jobs)))
    finally:
        pool.shutdown(cancel_futures=True)
        _jobs.clear()


def compile_kernels(theorems: Sequence[Theorem], device: str) -> None:
    """Compile, or load from the cache, the kernels that these theorems may need."""
    if any(theorem.reading.gap is not None for theorem in theorems):
        pruned = prune(fcn([2, 2, 2], weights=uniform(-1, 1)), magnitude(count=1))
        measure_network(network_plan(pruned, 1.0, key=0), 1, device=device)
    samples = [theorem.reading.sample for theorem in theorems]
    if any(isinstance(sample, Matrix) for sample in samples):
        matrix = random_matrix(normal(0, 1), 2, 2)
        simulate_expectation(spectral_norm(matrix), sample=matrix, trials=2, key=0, beta=0.5, device=device)
    if any(sample is not None for sample in samples):
        sample = iid(uniform(0, 1), 2)
        simulate_event(sum_of(sample**2) - 1, strict=True, sample=sample, trials=1, key=0, device=device)
