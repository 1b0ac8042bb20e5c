"""A closer look at the first trials of a network, and at those that are open: which may decide them."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from boundcheck.derivation.averaged import averaged_recursion
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.closer import CloserLook, look_closer
from boundcheck.experiment.measure import NetworkMeasurement
from boundcheck.formula.rounding import SMALLEST, UNIT_ROUNDOFF, gap_allowance
from boundcheck.formula.upward import Upward
from boundcheck.verdict.evidence import CloserTrials

ALWAYS = 4
"""The first trials, which are looked at in any case unless they are too large."""
MOST_ALWAYS = 4_000_000_000
MOST_OPEN = 60_000_000_000
"""Multiplications that a look at these, and at open trials, may take."""

_PASSES = 3000
"""What a search takes, in forward passes of one input; a derivative takes some 30 for each output."""
_PASSES_OF_OUTPUT = 30
_NORM = 300
"""What a norm takes, for each entry of a matrix."""

Floats = NDArray[np.float64]


class CloserLooks:
    """Closer looks at trials of one network, while they can be afforded.

    What is found is certain in each trial: whichever trials are looked at, and for whatever reason, a violation is
    one, and a trial that is fine is fine.
    """

    def __init__(self, plan: NetworkPlan, radius: float, device: str, always: int = ALWAYS) -> None:
        """`radius` is a float at or above that of the input ball; `always` first trials are looked at in any case."""
        self._plan, self._radius, self._device = plan, radius, device
        self._cost = _cost(plan)
        self._always = min(always, MOST_ALWAYS // self._cost)
        self._open = MOST_OPEN // self._cost
        self._seen: list[Floats] = []
        self.points: dict[int, list[float]] = {}
        """By trial, of those that were looked at last, the input at which a search found more than was known."""

    def sharpen(
        self,
        first: int,
        seen: NetworkMeasurement,
        sampled: Floats,
        certificate: Floats,
        open_trials: NDArray[np.bool_],
    ) -> tuple[Floats, Floats]:
        """Lower and upper bounds of the gap, of which some are sharper, shape (trials,).

        Parameters
        ----------
        first
            Number of the first trial.
        seen
            What the trials have shown.
        sampled, certificate
            Lower and upper bounds of the gap so far, shape (trials,).
        open_trials
            Which of them decide nothing yet, shape (trials,).
        """
        self.points = {}
        always = np.arange(len(sampled)) < self._always - first
        undecided = np.flatnonzero(open_trials & ~always)[: self._open]
        self._open -= len(undecided)
        which = np.concatenate([np.flatnonzero(always), undecided])
        if not which.size:
            return sampled, certificate
        part = seen.rows(which)
        found = look_closer(self._plan, [int(first + i) for i in which], part, device=self._device)
        climbed = found.gap - climbed_allowance(self._plan, part, self._radius, found.gap)
        sharper = certificate[which] if found.norms is None else sharper_certificate(self._plan, found, self._radius)
        low, high = sampled.copy(), certificate.copy()
        better = climbed > low[which]
        self.points = {int(first + which[i]): found.point[i].tolist() for i in np.flatnonzero(better)}
        low[which] = np.fmax(low[which], climbed)
        high[which] = np.fmin(high[which], sharper)
        count = int(always.sum())
        rows = seen.gap[:count], low[:count], certificate[:count], high[:count]
        self._seen.append(np.stack(rows, axis=1))
        return low, high

    def summary(self, trials: int) -> CloserTrials | None:
        """The largest numbers of the first trials of so many, if these were looked at."""
        rows = np.concatenate([np.empty((0, 4)), *self._seen])[:trials]
        if not len(rows):
            return None
        sampled, climbed, recursion, certificate = map(float, rows.max(axis=0))
        return CloserTrials(
            trials=len(rows), sampled=sampled, climbed=climbed, recursion=recursion, certificate=certificate
        )


def _cost(plan: NetworkPlan) -> int:
    """Multiplications, roughly: of the search, and of the products of layers with their norms."""
    outputs = int(plan.passes.outputs[-1])
    total = max(1, plan.products * (_PASSES + _PASSES_OF_OUTPUT * outputs))
    widths = [int(plan.passes.terms[0]), *map(int, plan.passes.outputs[:-1])]
    depth = len(widths) - 1
    for first in range(depth):
        for last in range(first, depth):
            if (plan.secants[first:last, 0] > 0).all():
                # Each layer of a span may be the one that is removed: products of all its layers, and a norm.
                inner = sum(widths[first] * n * m for n, m in pairwise(widths[first + 1 : last + 2]))
                total += (last - first + 4) * (inner + _NORM * widths[first] * widths[last + 1])
    return total


def climbed_allowance(plan: NetworkPlan, seen: NetworkMeasurement, radius: float, gap: Floats) -> Floats:
    """How far the gaps of a search may be from exact ones: it computes in double precision, with the plan's weights."""
    passes = vars(plan.passes) | {"roundoff": UNIT_ROUNDOFF, "smallest": SMALLEST, "largest": sys.float_info.max}
    return gap_allowance(
        gap,
        seen.norm_high,
        seen.absolute,
        radius=radius,
        weight_roundoff=plan.weight_roundoff,
        biases=seen.biases,
        **passes,
    )


def sharper_certificate(plan: NetworkPlan, found: CloserLook, radius: float) -> Floats:
    """An upper bound of the gap by norms of products of layers, rounded upward, shape (trials,)."""
    norms = found.norms
    assert norms is not None
    bound = averaged_recursion(
        lambda first, last: Upward(norms.target[first, last]),
        lambda first, last: Upward(norms.kept[first, last]),
        lambda i, first, last: Upward(norms.mixed[i, (first, last)]),
        lambda first, last: Upward(norms.before[first, last]),
        lambda first, last: Upward(norms.after[first, last]),
        secants=[(float(centre), float(spread)) for centre, spread in plan.secants],
        whole=None if norms.whole is None else Upward(norms.whole),
        radius=radius,
        lipschitz=float(plan.lipschitz[-1]),
    )
    return np.asarray(bound.value)
