"""Whole samples drawn as intervals of standard variables, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.device import load_kernels
from boundcheck.experiment.standard import Standard, standard
from boundcheck.kernels import tables
from boundcheck.statement.domain import exact
from boundcheck.statement.laws import TwoPoint
from boundcheck.statement.randomness import Occupancy, Sample, StoppedWalk, WithoutReplacement

_BATCH_WORK = 100_000
"""Variables drawn at a time: with what is computed from them, they take tens of megabytes."""

Draws = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Lower and upper ends of standard variables, shapes (trials, variables)."""


@dataclass(frozen=True)
class DrawPlan:
    """A sample with numbers for every parameter, and the key of its draws.

    Attributes
    ----------
    standards
        The distinct laws as standard variables.
    which
        Which of them each variable has, shape (variables,); or of length 1 for all.
    variables
        Number of variables that statistics are of: bins of an occupancy, else the sample's size.
    work
        Number of standard variables drawn for one trial.
    """

    key: int
    sample: Sample
    standards: tuple[Standard, ...]
    which: NDArray[np.int64]
    variables: int
    work: int


def draw_plan(sample: Sample, *, key: int) -> DrawPlan:
    """Plan the draws of a sample of single laws without free parameters; its function is not applied.

    Raises
    ------
    UnsupportedClaim
        When the sample cannot be drawn.
    """
    size = int(sample.size)
    integer = Standard(tables.CELL, exact("scale", 1), exact("shift", 0))
    if isinstance(sample, Occupancy):
        return DrawPlan(key, sample, (integer,), np.zeros(1, np.int64), int(sample.bins), size)
    if isinstance(sample, StoppedWalk):
        return DrawPlan(key, sample, (integer,), np.zeros(1, np.int64), size, size)
    if isinstance(sample, WithoutReplacement):
        law = sample.laws[0]
        if not isinstance(law, TwoPoint):
            raise UnsupportedClaim(f"{sample} cannot be simulated; use a population of two values")
        pair = integer._replace(values=(law.low, law.high))
        return DrawPlan(key, sample, (pair, standard(sample.count)), np.zeros(1, np.int64), size, size)
    laws = list(dict.fromkeys(sample.laws))
    which = np.array([laws.index(law) for law in sample.laws], dtype=np.int64)
    return DrawPlan(key, sample, tuple(standard(law) for law in laws), which, size, size)


def batches(plan: DrawPlan, trials: int) -> Iterator[tuple[int, int]]:
    """First trial and number of trials of each batch; memory does not grow with the trials."""
    size = max(1, min(trials, _BATCH_WORK // max(plan.work, plan.variables)))
    for first in range(0, trials, size):
        yield first, min(size, trials - first)


def draw(plan: DrawPlan, first: int, count: int, *, device: str = "cpu") -> Draws:
    """Standard variables of trials first, …, first + count - 1: exact ones lie between the two arrays.

    The result is a pure function of the plan and the trials' numbers, whatever the batches and threads.
    """
    kernels = load_kernels(device, "sample")
    sample = plan.sample
    if isinstance(sample, Occupancy):
        counts, decided = kernels.occupancy_trials(plan.key, first, count, int(sample.size), int(sample.bins))
        low, high = counts.astype(np.float64), counts.astype(np.float64)
        low[decided == 0], high[decided == 0] = 0.0, float(sample.size)
        return low, high
    if isinstance(sample, StoppedWalk):
        steps = kernels.walk_trials(plan.key, first, count, int(sample.size), int(sample.level))
        return steps, steps
    if isinstance(sample, WithoutReplacement):
        # Statistics do not see the order, so the upper values come first.
        law = plan.standards[1]
        below, above = _standards(kernels, plan.key, first, (law,), np.zeros(1, np.int64), count, 1)
        place = np.arange(plan.variables)
        ends = [end + int(law.shift) for end in (below, above)]
        ends[0][(below == 0) & law.open_below] = 0
        ends[1][(above == len(law.cumulative)) & law.open_above] = plan.variables
        return (place < ends[0]).astype(np.float64), (place < ends[1]).astype(np.float64)
    return _standards(kernels, plan.key, first, plan.standards, plan.which, count, plan.variables)


def waiting_times(plan: DrawPlan, first: int, count: int, *, device: str = "cpu") -> Draws:
    """One more exponential variable of rate 1 for each of the trials, independent of the sample, shapes (trials,)."""
    kernels = load_kernels(device, "sample")
    law = Standard(tables.WAIT, exact("scale", 1), exact("shift", 0))
    low, high = _standards(kernels, plan.key, first, (law,), np.zeros(1, np.int64), count, 1, plan.variables)
    return low[:, 0], high[:, 0]


def _standards(
    kernels: Any,
    key: int,
    first: int,
    laws: tuple[Standard, ...],
    which: NDArray[np.int64],
    count: int,
    variables: int,
    first_variable: int = 0,
) -> Draws:
    lengths = np.array([len(law.cumulative) for law in laws])
    ends = np.stack([np.cumsum(lengths) - lengths, np.cumsum(lengths)], axis=1)
    low, high = kernels.standard_trials(
        key,
        first,
        count,
        variables,
        np.array([law.kind for law in laws])[which],
        np.array([law.parameters for law in laws])[which],
        np.concatenate([law.cumulative for law in laws]),
        ends[which],
        np.array([law.band for law in laws])[which],
        first_variable=first_variable,
    )
    return low, high


def norms(matrices: NDArray[np.float64], *, device: str = "cpu") -> Draws:
    """Certified lower and upper bounds of the spectral norms of matrices, shape (trials, rows, columns)."""
    low, high = load_kernels(device, "matrix").norm_trials(matrices)
    return low, high
