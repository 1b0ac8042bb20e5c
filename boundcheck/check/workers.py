"""Several processes that share the theorems of a run, while this one gets the kernels ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from boundcheck.check.simulate import simulate_event
from boundcheck.check.simulate_mean import simulate_expectation
from boundcheck.experiment.closer import look_closer
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import network_plan
from boundcheck.experiment.processes import forks, interrupts_held
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.layer import conv
from boundcheck.statement.network import Network, cnn, fcn
from boundcheck.statement.pruning import magnitude, prune
from boundcheck.statement.randomness import Matrix, iid, random_matrix, spectral_norm, sum_of
from boundcheck.statement.theorem import Theorem

_theorems: list[Theorem] = []
"""What the processes work on: they are forked after it is filled, so that no theorem has to be sent to them."""


class Team:
    """Processes that each hold the theorems of a run; or none, where all is done here."""

    def __init__(self, theorems: Sequence[Theorem], pool: ProcessPoolExecutor | None) -> None:
        self._theorems, self._pool = theorems, pool

    @property
    def alone(self) -> bool:
        """Whether there are no other processes."""
        return self._pool is None

    def each(self, function: Callable[..., Any], jobs: Iterable[tuple[int, tuple[Any, ...]]]) -> Iterator[Any]:
        """function(theorem, *arguments) for each (place of a theorem, arguments), in the order of the jobs.

        Other processes start on them at once. What they are sent and send back is plain data; the function is one of a
        module.
        """
        if self._pool is None:
            return (function(self._theorems[place], *arguments) for place, arguments in jobs)
        with interrupts_held():  # the first job starts the processes
            return _results([self._pool.submit(_called, function, place, arguments) for place, arguments in jobs])


def _results(started: list[Future[Any]]) -> Iterator[Any]:
    return (one.result() for one in started)


def _called(function: Callable[..., Any], place: int, arguments: tuple[Any, ...]) -> Any:
    return function(_theorems[place], *arguments)


@contextmanager
def team(theorems: Sequence[Theorem], workers: int) -> Iterator[Team]:
    """So many processes for the theorems of a run; with one worker, or no fork, none."""
    context = forks()
    if context is None or workers < 2 or len(theorems) < 2:
        yield Team(theorems, None)
        return
    import_module("scipy.special")  # which takes long, here once rather than in each process
    _theorems[:] = theorems
    pool = ProcessPoolExecutor(min(workers, len(theorems)), context)
    try:
        yield Team(theorems, pool)
    except BaseException:
        for process in pool._processes.values():  # kill_workers, from Python 3.14
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        _theorems.clear()


def _smallest(networks: Sequence[Network]) -> list[Network]:
    """Networks that need the same kernels: those of dense layers, of convolutions, and of one that stands alone."""
    weights = uniform(-1, 1)
    found = [fcn([2, 2, 2], weights=weights)] if networks else []
    if any(not layer.window.disjoint for network in networks for layer in network.layers):
        found.append(cnn((1, 2, 2), [conv(1, 1, 2, weights=weights, padding="same", padding_mode="circular")]))
    if any(not network.layers[0].window.exact for network in networks if network.depth == 1):
        found.append(cnn((1, 3, 3), [conv(1, 1, 2, weights=weights)]))
    return found


def compile_network_kernels(theorems: Sequence[Theorem], device: str, precision: str) -> None:
    """Compile, or load from the cache, the kernels that the networks of these theorems may need."""
    for network in _smallest([gap.pruned.target for gap in (theorem.reading.gap for theorem in theorems) if gap]):
        plan = network_plan(prune(network, magnitude(count=1)), 1.0, key=0, precision=precision)
        look_closer(plan, [0], measure_network(plan, 1, device=device), device=device)


def compile_sample_kernels(theorems: Sequence[Theorem], device: str) -> None:
    """Compile, or load from the cache, the kernels that the samples of these theorems may need."""
    samples = [theorem.reading.sample for theorem in theorems]
    if any(isinstance(sample, Matrix) for sample in samples):
        matrix = random_matrix(normal(0, 1), 2, 2)
        simulate_expectation(spectral_norm(matrix), sample=matrix, trials=2, key=0, beta=0.5, device=device)
    if any(sample is not None for sample in samples):
        sample = iid(uniform(0, 1), 2)
        simulate_event(sum_of(sample**2) - 1, strict=True, sample=sample, trials=1, key=0, device=device)
