"""Carrying a test out: by the exact law, or by trials whose rounding is accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr

from boundcheck.check.cases import MOST_INPUTS, MOST_STATES, RARE, Case, EventCase, MomentCase, NetworkCase
from boundcheck.check.gaps import gap_evidence
from boundcheck.check.simulate import simulate_event
from boundcheck.check.simulate_mean import simulate_expectation
from boundcheck.check.tilting import tilted_event
from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.head_start import Known
from boundcheck.experiment.measure import network_parts
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.formula.exact.sides import value_of
from boundcheck.formula.rigorous import Interval
from boundcheck.statement.claim import Probability
from boundcheck.statement.randomness import Expectation
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.sequential import Watch

_OTHER_DRAWS = 1 << 63
"""Keeps the draws for an expectation apart from those for the event."""


def measure(
    case: Case,
    trials: int,
    *,
    seed: int,
    device: str,
    precision: str,
    beta: float,
    stop: float | None = None,
    progress: Callable[[int], None],
    known: Known | None = None,
) -> PointEvidence:
    """What is known of a case: by the exact law, or by trials on the device.

    Parameters
    ----------
    case, trials
        What to measure, and in how many trials at most, unless the exact law tells.
    seed, device
        Of the draws.
    precision
        Of networks: "double" or "single".
    beta
        Failure probability of limits that are taken here: those of an expectation.
    stop
        Failure probability with which trials stop where the claim is decided; None where they are fixed beforehand.
    progress
        Called with the number of trials just done.
    known
        Trials that need not be run again.
    """
    evidence = PointEvidence(
        parameters=case.parameters,
        law=case.law,
        claimed_low=case.claimed.low,
        claimed_high=case.claimed.high,
        quantity="expectation" if isinstance(case, MomentCase) else "probability",
        opposite=isinstance(case.theorem.claim.gts, Probability),
        seed=seed,
    )
    key = _key(case, seed)
    if isinstance(case, NetworkCase):
        exact = _exact(case.theorem.tail.claimed.xreplace(dict(case.point)))
        bound = repr(case.threshold.high)
        evidence = replace(evidence, claimed_exact=exact, bound=bound, device=device, precision=precision)
        plan = plan_of(case, seed, precision)
        done = (known or {}).get(plan.fingerprint)
        parts = network_parts(plan, trials, device=device, known=done, progress=progress)
        return gap_evidence(case, evidence, plan, parts, stop)
    if isinstance(case, MomentCase):
        return _of_moment(case, evidence, trials, key, device, beta, progress)
    assert isinstance(case, EventCase)
    evidence = replace(evidence, claimed_exact=case.promise.fraction)
    if case.tail is not None:
        low, high = case.ratio or (None, None)
        return replace(evidence, tail_low=case.tail.low, tail_high=case.tail.high, ratio_low=low, ratio_high=high)
    return _of_event(case, evidence, trials, key, device, beta, stop if case.sequential else None, progress)


def plan_of(case: NetworkCase, seed: int, precision: str) -> NetworkPlan:
    """The trials of a network."""
    return network_plan(case.pruned, case.radius, key=_key(case, seed), inputs=_inputs(case), precision=precision)


def _key(case: Case, seed: int) -> int:
    return draw_key(seed, case.theorem.identity, case.label)


def _inputs(case: NetworkCase) -> int:
    """Those of the claim; on a ball, fewer for large hidden states, which every thread holds for both networks."""
    if case.inputs is not None:
        return case.inputs
    return max(1, min(MOST_INPUTS, MOST_STATES // case.pruned.target.largest_state))


def _exact(value: Expr) -> str | None:
    return str(value) if value.is_Rational else None


def _of_event(
    case: EventCase,
    evidence: PointEvidence,
    trials: int,
    key: int,
    device: str,
    beta: float,
    stop: float | None,
    progress: Callable[[int], None],
) -> PointEvidence:
    if case.claimed.high < RARE:
        tilted = tilted_event(
            case.margin,
            strict=case.strict,
            sample=case.sample,
            claimed=case.theorem.tail.claimed.xreplace(dict(case.point)),
            trials=trials,
            key=key,
            device=device,
            progress=progress,
            stop=stop,
        )
        if tilted is not None:
            return replace(
                evidence,
                trials=len(tilted.violated),
                sequential=stop is not None,
                violations=int(tilted.violated.sum()),
                open=tilted.open,
                scale_low=tilted.tilt.scale.low,
                scale_high=tilted.tilt.scale.high,
                relative_low=tilted.tilt.relative.low,
                relative_high=tilted.tilt.relative.high,
            )
    known = {}
    for mean in case.margin.atoms(Expectation):
        value = value_of(mean)
        known[mean] = (
            value.interval
            if value is not None
            else _limits(mean.argument, case, trials, key ^ _OTHER_DRAWS, device, beta, progress)
        )
    seen = simulate_event(
        case.margin,
        strict=case.strict,
        sample=case.sample,
        trials=trials,
        key=key,
        device=device,
        known=known,
        progress=progress,
        watch=Watch(case.claimed, stop),
    )
    first = None
    if seen.first is not None:
        trial, margin = seen.first
        first = {"trial": trial, "margin_low": margin.low, "margin_high": margin.high}
    return replace(
        evidence,
        trials=len(seen.violated),
        sequential=stop is not None,
        violations=int(seen.violated.sum()),
        open=seen.open,
        first_violation=first,
    )


def _of_moment(
    case: MomentCase,
    evidence: PointEvidence,
    trials: int,
    key: int,
    device: str,
    beta: float,
    progress: Callable[[int], None],
) -> PointEvidence:
    if case.estimated is None:
        assert case.left is not None
        low, high = case.ratio or (None, None)
        return replace(evidence, tail_low=case.left.low, tail_high=case.left.high, ratio_low=low, ratio_high=high)
    limits = _limits(case.estimated, case, trials, key, device, beta, progress)
    if case.left is None:
        return replace(evidence, tail_low=limits.low, tail_high=limits.high, estimated=trials)
    known = replace(evidence, tail_low=case.left.low, tail_high=case.left.high)
    return replace(known, claimed_low=limits.low, claimed_high=limits.high, estimated=trials)


def _limits(
    argument: Expr,
    case: EventCase | MomentCase,
    trials: int,
    key: int,
    device: str,
    beta: float,
    progress: Callable[[int], None],
) -> Interval:
    """Limits of an expectation that hold with probability 1 - beta."""
    limits = simulate_expectation(
        argument, sample=case.sample, trials=trials, key=key, device=device, beta=beta, progress=progress
    )
    if limits is None:
        raise UnsupportedClaim(f"E({argument}) has neither an exact value nor confidence limits under {case.law}")
    return limits
