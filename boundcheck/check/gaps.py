"""What trials of a network show about its gap, from below and from above, all rounding included."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundcheck.check.cases import NetworkCase
from boundcheck.check.closer import ALWAYS, CloserLooks
from boundcheck.derivation.recursion import layer_recursion, layer_recursion_with_biases
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.measure import NetworkMeasurement, norm_slack
from boundcheck.formula.rounding import gap_allowance
from boundcheck.formula.upward import Upward
from boundcheck.verdict.evidence import Ladder, PointEvidence
from boundcheck.verdict.sequential import Watch

LOOKS_AT_A_TIME = 8
"""Open trials that are looked at closer before it is seen whether more are needed."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def gap_evidence(
    case: NetworkCase,
    evidence: PointEvidence,
    plan: NetworkPlan,
    parts: Iterable[NetworkMeasurement],
    stop: float | None,
    *,
    start: int = 0,
    always: int = ALWAYS,
    each: Callable[[Floats, Floats], None] = lambda gaps, certificates: None,
) -> PointEvidence:
    """What consecutive parts of the trials show, up to where they stop; no part is kept.

    Parameters
    ----------
    case
        What is claimed.
    evidence
        What is known without trials.
    plan, parts
        The trials.
    stop
        Failure probability with which trials stop where the claim is decided; None where they are fixed beforehand.
    start
        Number of the first trial.
    always
        How many of the first trials of all are looked at closer in any case.
    each
        Called with the gap seen and T1 at the realised norms in each of the next trials, shapes (trials,).
    """
    threshold, strict = case.threshold, case.theorem.tail.strict
    # A search for worse inputs says nothing about those that are fixed, and of these the gap is known.
    looks = None if case.inputs is not None else CloserLooks(plan, case.radius, evidence.device or "cpu", always)
    watch = Watch(case.claimed, stop)
    observed = highest = trivial = -math.inf
    first = None

    def decided(low: Floats, high: Floats) -> tuple[Flags, Flags]:
        """Which trials violate the claim for sure, and which keep it for sure."""
        return low > threshold.high, high <= threshold.low if strict else high < threshold.low

    for seen, ends in _a_few_open(parts, plan, case, decided):
        low, high = ends.low, ends.high
        violated, fine = decided(low, high)
        if looks is not None:
            low, high = looks.sharpen(start + watch.trials, seen, low, high, ~violated & ~fine)
            violated, fine = decided(low, high)
        before, count = start + watch.trials, watch.counted(violated, fine)
        if first is None and violated[:count].any():
            i = int(np.argmax(violated))
            first = {
                "trial": before + i,
                # Or none of those that all trials take, but one that was searched for, or a singular vector.
                "input": int(seen.worst_input[i]) if ends.sampled[i] > threshold.high else None,
                "point": None if looks is None else looks.points.get(before + i),
                "gap": float(low[i]),
                "bound": threshold.high,
            }
        gaps = np.fmax(seen.gap, low)[:count]
        each(gaps, ends.recursion[:count])
        observed = float(np.maximum(observed, gaps.max()))
        highest = float(np.maximum(highest, ends.recursion[:count].max()))
        nothing = _trivial_gap(seen.norm_high[:count], plan.lipschitz, case.radius, seen.biases[:count])
        trivial = float(np.maximum(trivial, nothing.max()))
        if watch.stopped:
            break
    return replace(
        evidence,
        trials=watch.trials,
        sequential=stop is not None,
        violations=watch.violations,
        open=watch.open,
        ladder=Ladder(observed=observed, certificate=highest, bound=threshold.high),
        closer=None if looks is None else looks.summary(watch.trials),
        vacuous=bool(threshold.low >= trivial),
        first_violation=first,
    )


class _Ends(NamedTuple):
    """Bounds of the gap in each of T trials."""

    low: Floats
    high: Floats
    sampled: Floats
    """Of `low`, what the inputs that all trials take show."""
    recursion: Floats
    """T1 at the realised norms: `high`, unless the gap is of fixed inputs."""


def _ends(plan: NetworkPlan, seen: NetworkMeasurement, case: NetworkCase) -> _Ends:
    slack, allowance = norm_slack(plan, seen), allowance_of(plan, seen, case.radius)
    biases = seen.biases if plan.has_biases else None
    high = recursion = certified_gap(seen.norm_high + slack, plan.lipschitz, case.radius, biases)
    low = sampled = seen.gap - allowance
    if case.inputs is not None:
        high = np.fmin(high, np.nextafter(seen.gap + allowance, np.inf))
    elif plan.is_linear:
        # The gap is the norm of what is removed, attained at a singular vector.
        removed = (seen.norm_low - slack)[:, 0, 2]
        low = np.fmax(low, np.nextafter(plan.radius * removed, 0.0))
    return _Ends(low, high, sampled, recursion)


def _a_few_open(
    parts: Iterable[NetworkMeasurement],
    plan: NetworkPlan,
    case: NetworkCase,
    decided: Callable[[Floats, Floats], tuple[Flags, Flags]],
) -> Iterator[tuple[NetworkMeasurement, _Ends]]:
    """The trials in order, with their ends, cut so that only a few are open at a time."""
    for part in parts:
        ends = _ends(plan, part, case)
        violated, fine = decided(ends.low, ends.high)
        cuts = np.flatnonzero(~violated & ~fine)[LOOKS_AT_A_TIME - 1 :: LOOKS_AT_A_TIME] + 1
        for first, last in pairwise([0, *cuts[cuts < part.trials], part.trials]):
            yield part.rows(slice(first, last)), _Ends(*(column[first:last] for column in ends))


def allowance_of(plan: NetworkPlan, seen: NetworkMeasurement, radius: float) -> Floats:
    """How far each measured gap may be from the exact one, shape (trials,)."""
    return gap_allowance(
        seen.gap, seen.norm_high, seen.absolute, radius=radius, biases=seen.biases, **vars(plan.passes)
    )


def certified_gap(norms: Floats, lipschitz: Floats, radius: float, biases: Floats | None = None) -> Floats:
    """T1 at realised norms, rounded upward: an upper bound of the gap in every trial.

    Parameters
    ----------
    norms
        Upper bounds of the spectral norms of target, kept and removed weights, shape (trials, layers, 3).
    lipschitz
        Lipschitz constant of what follows each linear map, shape (layers,).
    radius
        Radius of the input ball.
    biases
        Upper bounds of the norms of what biases add, shape (trials, layers); None where there are none.

    Returns
    -------
    The smaller of the two orders of replacement, shape (trials,).
    """
    target, kept, removed = ([Upward(column) for column in norms[:, :, j].T] for j in range(3))
    if biases is not None:
        constants = [float(constant) for constant in lipschitz]
        added = [Upward(column) for column in biases.T]
        orders = (
            layer_recursion_with_biases(first, second, removed, added, constants, radius=Upward(radius))
            for first, second in ((target, kept), (kept, target))
        )
        return np.minimum(*(bound.value for bound in orders))
    product = Upward(np.ones(len(norms)))
    for constant in lipschitz:
        product = product * float(constant)
    forward = layer_recursion(target, kept, removed, radius=radius, lipschitz=product)
    backward = layer_recursion(kept, target, removed, radius=radius, lipschitz=product)
    return np.minimum(forward.value, backward.value)


def _trivial_gap(norms: Floats, lipschitz: Floats, radius: float, biases: Floats) -> Floats:
    """sup ‖f‖ + sup ‖F‖ at realised norms: a bound above this says nothing about pruning."""
    outputs = np.full((2, len(norms)), radius)
    with np.errstate(over="ignore", invalid="ignore"):
        for i, constant in enumerate(lipschitz):
            outputs = constant * (norms[:, i, :2].T * outputs + biases[:, i])
        return np.asarray(outputs.sum(axis=0))
