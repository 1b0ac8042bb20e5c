"""Carrying a test out: by the exact law, or by trials whose rounding is accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from boundcheck.check.cases import Case, NetworkCase, StatisticCase
from boundcheck.derivation.recursion import layer_recursion
from boundcheck.experiment.measure import NetworkMeasurement, StatisticMeasurement, measure_network, measure_statistic
from boundcheck.experiment.plan import NetworkPlan, StatisticPlan, draw_key, network_plan, statistic_plan
from boundcheck.formula.rounding import gap_allowance, statistic_allowance
from boundcheck.formula.upward import Upward
from boundcheck.verdict.decide import Ladder, PointEvidence


def measure(case: Case, trials: int, *, seed: int, device: str, progress: Callable[[int], None]) -> PointEvidence:
    """What is known of a case: by the exact law, or by trials on the device."""
    evidence = PointEvidence(
        parameters={p.name: str(v) for p, v in case.point.items()},
        law=case.law,
        claimed_low=case.claimed.low,
        claimed_high=case.claimed.high,
        claimed_exact=_exact(case.theorem.tail.claimed.xreplace(dict(case.point))),
        seed=seed,
    )
    key = draw_key(seed, case.theorem.identity, case.label)
    if isinstance(case, NetworkCase):
        plan = network_plan(case.pruned, case.radius, key=key)
        return _of_network(case, evidence, plan, measure_network(plan, trials, device=device, progress=progress))
    assert isinstance(case, StatisticCase)
    if case.tail is not None:
        low, high = case.ratio or (None, None)
        return replace(evidence, tail_low=case.tail.low, tail_high=case.tail.high, ratio_low=low, ratio_high=high)
    sample = statistic_plan(case.statistic.sample, key=key)
    return _of_statistic(case, evidence, sample, measure_statistic(sample, trials, device=device, progress=progress))


def _exact(value: Expr) -> str | None:
    return str(value) if value.is_Rational else None


def _of_network(
    case: NetworkCase, evidence: PointEvidence, plan: NetworkPlan, seen: NetworkMeasurement
) -> PointEvidence:
    certificate = certified_gap(seen.norm_high, plan.lipschitz, case.radius)
    allowance = gap_allowance(seen.gap, seen.norm_high, seen.frobenius, plan.widths, plan.lipschitz, case.radius)
    reached = seen.gap - allowance
    if len(plan.lipschitz) == 1:
        # One layer: the gap is the norm of what is removed, attained at a singular vector.
        reached = np.fmax(reached, np.nextafter(plan.radius * seen.norm_low[:, 0, 2], 0.0))
    violated = reached > case.threshold.high
    strict = case.theorem.tail.strict
    fine = certificate <= case.threshold.low if strict else certificate < case.threshold.low
    trivial = _trivial_gap(seen.norm_high, plan.lipschitz, case.radius)
    first = int(np.argmax(violated)) if violated.any() else None
    return replace(
        evidence,
        trials=len(violated),
        violations=int(violated.sum()),
        open=int((~violated & ~fine).sum()),
        bound=repr(case.threshold.high),
        ladder=Ladder(
            observed=float(np.fmax(seen.gap, reached).max()),
            certificate=float(certificate.max()),
            bound=case.threshold.high,
        ),
        vacuous=bool(case.threshold.low >= trivial.max()),
        first_violation=None
        if first is None
        else {
            "trial": first,
            "input": int(seen.worst_input[first]),
            "gap": float(reached[first]),
            "bound": case.threshold.high,
        },
    )


def certified_gap(norms: NDArray[np.float64], lipschitz: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """T1 at realised norms, rounded upward: an upper bound of the gap in every trial.

    Parameters
    ----------
    norms
        Upper bounds of the spectral norms of target, kept and removed weights, shape (trials, layers, 3).
    lipschitz
        Lipschitz constant of the activation after each layer, shape (layers,).
    radius
        Radius of the input ball.

    Returns
    -------
    The smaller of the two orders of replacement, shape (trials,).
    """
    target, kept, removed = ([Upward(column) for column in norms[:, :, j].T] for j in range(3))
    product = Upward(np.ones(len(norms)))
    for constant in lipschitz:
        product = product * float(constant)
    forward = layer_recursion(target, kept, removed, radius=radius, lipschitz=product)
    backward = layer_recursion(kept, target, removed, radius=radius, lipschitz=product)
    return np.minimum(forward.value, backward.value)


def _trivial_gap(norms: NDArray[np.float64], lipschitz: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """‖f‖ + ‖F‖ at realised norms: a bound above this says nothing about pruning."""
    products: Any = np.prod(norms[:, :, 0], axis=1) + np.prod(norms[:, :, 1], axis=1)
    return np.asarray(radius * np.prod(lipschitz) * products)


def _of_statistic(
    case: StatisticCase, evidence: PointEvidence, plan: StatisticPlan, seen: StatisticMeasurement
) -> PointEvidence:
    kind = case.statistic.kind
    values = {"sum": seen.total, "mean": seen.total / plan.size, "maximum": seen.largest}[kind]
    allowance = statistic_allowance(values, seen.absolute, plan.size, kind, plan.resolution)
    low, high = np.nextafter(values - allowance, -np.inf), np.nextafter(values + allowance, np.inf)
    inside, outside = np.zeros(len(values), dtype=bool), np.ones(len(values), dtype=bool)
    for line, level in zip(case.event.lines, case.levels, strict=True):
        # Beyond the level for sure; short of it for sure. On it, neither: strictness does not matter.
        inside |= low > level.high if line.upper else high < level.low
        outside &= high < level.low if line.upper else low > level.high
    violated, fine = (outside, inside) if case.event.between else (inside, outside)
    first = int(np.argmax(violated)) if violated.any() else None
    return replace(
        evidence,
        trials=len(values),
        violations=int(violated.sum()),
        open=int((~violated & ~fine).sum()),
        first_violation=None if first is None else {"trial": first, "statistic": float(values[first])},
    )
