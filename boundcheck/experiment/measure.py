"""Running a plan on a device, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.experiment.arrays import NetworkPlan, StatisticPlan
from boundcheck.experiment.device import load_kernels
from boundcheck.kernels import tables

Progress = Callable[[int], None]
"""Called with the number of trials just done."""

_BATCH_WORK = {"cpu": 4_000_000, "cuda": 400_000_000}
"""Products of a forward pass, or variables, between two reports of progress."""
_LEAST_BATCH = {"cpu": 32, "cuda": 512}
"""But at least so many trials, to keep all threads or processors busy."""
_MOST_BATCH = 1 << 14
"""And at most so many, whose results are held at a time."""


@dataclass(frozen=True)
class NetworkMeasurement:
    """What happened in T trials of a network with l layers.

    Attributes
    ----------
    gap
        Largest ‖f(x) - F(x)‖ over the inputs: a lower bound of the gap up to rounding, shape (T,).
    worst_input
        Index of the input that attains it, shape (T,).
    norm_low, norm_high
        Certified lower bounds (0 where none is known) and upper bounds of the norms of the linear maps of target, kept
        and removed weights, shape (T, l, 3). Upper bounds are of the circular convolutions that the maps are parts of.
    absolute
        Upper bounds of ‖Σ |W_tap|‖_F of the target, shape (T, l): of the Frobenius norm in a dense layer.
    tau
        The (k+1)-th smallest |w| (infinite when all or whole filters are removed), shape (T, l).
    estimates
        Where norms are estimated: those of target and removed weights in dense layers, with a relative error of some
        1e-7 (1e-5 in single precision), of which nothing is certified, shape (T, l, 2); else shape (0, l, 2).
    biases
        Upper bounds of the norms of what biases add to hidden states, shape (T, l); 0 where there are none.
    """

    gap: NDArray[np.float64]
    worst_input: NDArray[np.int64]
    norm_low: NDArray[np.float64]
    norm_high: NDArray[np.float64]
    absolute: NDArray[np.float64]
    tau: NDArray[np.float64]
    estimates: NDArray[np.float64]
    biases: NDArray[np.float64]

    @property
    def trials(self) -> int:
        """The number T."""
        return len(self.gap)

    def rows(self, which: Any) -> NetworkMeasurement:
        """Some of the trials."""
        return NetworkMeasurement(*(column[which] if len(column) else column for column in vars(self).values()))


@dataclass(frozen=True)
class StatisticMeasurement:
    """Sum, largest value, and sum of absolute values of the sample in each of T trials, shape (T,)."""

    total: NDArray[np.float64]
    largest: NDArray[np.float64]
    absolute: NDArray[np.float64]


def _batches(trials: int, work: int, device: str, start: int = 0) -> Iterator[tuple[int, int]]:
    size = min(trials, _MOST_BATCH, max(_LEAST_BATCH[device], _BATCH_WORK[device] // max(1, work)))
    for first in range(start, trials, size):
        yield first, min(size, trials - first)


def norm_slack(plan: NetworkPlan, seen: NetworkMeasurement) -> NDArray[np.float64]:
    """How far norms of weights as drawn may be from those that are measured in single precision, shape (T, l, 1)."""
    if not plan.weight_roundoff:
        return np.zeros((*seen.absolute.shape, 1))
    return np.asarray(2 * plan.weight_roundoff * seen.absolute[:, :, np.newaxis])  # twice, for the rounding of this


def measure_network(
    plan: NetworkPlan,
    trials: int,
    *,
    device: str = "cpu",
    norms: str = tables.CERTIFIED,
    known: NetworkMeasurement | None = None,
    progress: Progress | None = None,
) -> NetworkMeasurement:
    """Draw, prune and run the network in each trial.

    The result is a pure function of the plan and the number of trials, whatever the batches and threads.

    Parameters
    ----------
    plan, trials
        What to run, and how often.
    device
        "cpu", or "cuda" where there is a GPU.
    norms
        "certified", or "estimated": much faster, but of dense layers nothing is then certified.
    known
        The same in the first trials, where these have been run before: they are not run again.
    progress
        Called with the number of trials just done; those that are known count as done at once.
    """
    return joined(network_parts(plan, trials, device=device, norms=norms, known=known, progress=progress))


def network_parts(
    plan: NetworkPlan,
    trials: int,
    *,
    device: str = "cpu",
    norms: str = tables.CERTIFIED,
    known: NetworkMeasurement | None = None,
    progress: Progress | None = None,
    start: int = 0,
) -> Iterator[NetworkMeasurement]:
    """As :func:`measure_network`, batch by batch, each of bounded size; no kernel is loaded if all is known.

    Trials are those from number `start` up to before number `trials`; those that are known are the first ones.
    """
    if known is not None:
        part = known.rows(slice(start, trials))
        start += part.trials
        yield part
        if progress is not None:
            progress(part.trials)
    if start >= trials:
        return
    inputs = starting_inputs(plan, device)
    kernels = load_kernels(device, "network")
    for first, count in _batches(trials, plan.products, device, start):
        yield NetworkMeasurement(
            *kernels.network_trials(
                plan.key,
                first,
                count,
                plan.steps,
                plan.slopes,
                plan.laws,
                plan.law_parameters,
                plan.rules,
                plan.removed,
                inputs,
                precision=plan.precision,
                norms=norms,
                bias_laws=plan.bias_laws,
                bias_parameters=plan.bias_parameters,
            )
        )
        if progress is not None:
            progress(count)


def starting_inputs(plan: NetworkPlan, device: str) -> NDArray[np.float64]:
    """The inputs at which the gap is measured in every trial, shape (inputs, n)."""
    radius = plan.radius
    if plan.precision == tables.SINGLE:  # so that rounding to single precision leaves the inputs in the ball
        radius *= 1 - 4 * plan.passes.roundoff
    return np.asarray(load_kernels(device).sphere_inputs(plan.key, plan.inputs, plan.dimension, radius))


def joined(parts: Iterable[NetworkMeasurement]) -> NetworkMeasurement:
    """Consecutive trials, at least one part, as one measurement."""
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return NetworkMeasurement(*map(np.concatenate, columns))


def statistic_parts(
    plan: StatisticPlan, trials: int, *, device: str = "cpu", progress: Progress | None = None
) -> Iterator[StatisticMeasurement]:
    """Draw the sample in each trial, batch by batch; a pure function of the plan and the number of trials."""
    kernels = load_kernels(device)
    for first, count in _batches(trials, plan.size, device):
        yield StatisticMeasurement(
            *kernels.statistic_trials(plan.key, first, count, plan.size, plan.laws, plan.law_parameters)
        )
        if progress is not None:
            progress(count)
