"""Carrying a test out: by the exact law, or by trials whose rounding is accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from boundcheck.check.plan import Test
from boundcheck.derivation.recursion import layer_recursion
from boundcheck.experiment.measure import measure_network, measure_statistic
from boundcheck.experiment.plan import draw_key, network_plan, statistic_plan
from boundcheck.formula.numeric import compile_expression
from boundcheck.formula.rounding import gap_allowance, statistic_allowance
from boundcheck.formula.upward import Upward
from boundcheck.verdict.decide import Ladder, PointEvidence


def measure(test: Test, trials: int, *, seed: int, device: str, progress: Callable[[int], None]) -> PointEvidence:
    """Carry a test out: by the exact law, or by trials on the device."""
    evidence = PointEvidence(
        parameters={p.name: str(v) for p, v in test.point.items()},
        law=test.law,
        claimed_low=test.claimed.low,
        claimed_high=test.claimed.high,
        claimed_exact=_exact(test.theorem.tail.claimed.xreplace(dict(test.point))),
        seed=seed,
    )
    if test.tail is not None:
        low, high = test.ratio or (None, None)
        return replace(evidence, tail_low=test.tail.low, tail_high=test.tail.high, ratio_low=low, ratio_high=high)
    if test.pruned is not None:
        return _measure_network(test, evidence, trials, seed, device, progress)
    return _measure_statistic(test, evidence, trials, seed, device, progress)


def _exact(value: Expr) -> str | None:
    return str(value) if value.is_Rational else None


def _measure_network(
    test: Test, evidence: PointEvidence, trials: int, seed: int, device: str, progress: Callable[[int], None]
) -> PointEvidence:
    assert test.pruned is not None
    assert test.threshold is not None
    plan = network_plan(test.pruned, test.radius, key=draw_key(seed, test.theorem.identity, test.label))
    seen = measure_network(plan, trials, device=device, progress=progress)
    certificate = certified_gap(seen.norm_high, plan.lipschitz, test.radius)
    allowance = gap_allowance(seen.gap, seen.norm_high, seen.frobenius, plan.widths, plan.lipschitz, test.radius)
    violated = seen.gap - allowance > test.threshold.high
    strict = test.theorem.tail.strict
    fine = certificate <= test.threshold.low if strict else certificate < test.threshold.low
    trivial = _trivial_gap(seen.norm_high, plan.lipschitz, test.radius)
    first = int(np.argmax(violated)) if violated.any() else None
    return replace(
        evidence,
        trials=trials,
        violations=int(violated.sum()),
        open=int((~violated & ~fine).sum()),
        bound=repr(test.threshold.high),
        ladder=Ladder(observed=float(seen.gap.max()), certificate=float(certificate.max()), bound=test.threshold.high),
        vacuous=bool(test.threshold.low >= trivial.max()),
        first_violation=None
        if first is None
        else {
            "trial": first,
            "input": int(seen.worst_input[first]),
            "gap": float(seen.gap[first]),
            "allowance": float(allowance[first]),
            "bound": test.threshold.high,
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


def _measure_statistic(
    test: Test, evidence: PointEvidence, trials: int, seed: int, device: str, progress: Callable[[int], None]
) -> PointEvidence:
    assert test.statistic is not None
    assert test.margin is not None
    plan = statistic_plan(test.statistic.sample, key=draw_key(seed, test.theorem.identity, test.label))
    seen = measure_statistic(plan, trials, device=device, progress=progress)
    size = plan.size
    kind = test.statistic.kind
    values = {"sum": seen.total, "mean": seen.total / size, "maximum": seen.largest}[kind]
    allowance = statistic_allowance(values, seen.absolute, size, kind)
    symbol = Symbol("s", real=True)
    margin = compile_expression(test.margin.xreplace({test.statistic: symbol}), (symbol,))
    ends = np.stack([np.broadcast_to(margin(values + e), values.shape) for e in (-allowance, allowance)])
    slack = 1e-12 * (1 + np.abs(ends)).max(axis=0)
    violated = (ends > slack).all(axis=0)
    fine = (ends < -slack).all(axis=0)
    first = int(np.argmax(violated)) if violated.any() else None
    return replace(
        evidence,
        trials=trials,
        violations=int(violated.sum()),
        open=int((~violated & ~fine).sum()),
        first_violation=None if first is None else {"trial": first, "statistic": float(values[first])},
    )
