"""Which hypotheses of a theorem matter: each is dropped in turn, and a violation of the claim is looked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from boundcheck.check.ablation.networks import ablations_of_network, limits_needed
from boundcheck.check.ablation.samples import Dropped, dropped
from boundcheck.check.cases import NetworkCase
from boundcheck.check.options import DEFAULT_LEVEL, DEFAULT_PRECISION, validate
from boundcheck.check.run import Listener, Outcome, cases_to_test, check_all, require_theorems
from boundcheck.errors import BoundcheckError
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.ablation import CONTROL, Ablation, Finding, not_tried
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import PointVerdict, Status

_VIOLATED = "the theorem itself is violated, so that nothing is learnt by dropping this"


def ablate(
    theorem: Theorem, *, trials: int | None = None, level: float = DEFAULT_LEVEL, seed: int = 0
) -> tuple[Ablation, ...]:
    """Drop each hypothesis of a theorem in turn, and look for a violation of its claim.

    Parameters
    ----------
    theorem
        What is claimed.
    trials
        Simulated trials at each point; left out, 100 of networks, and of samples as many as a check takes.
    level
        Probability with which nothing is called needed where the claim holds under the alternative tried.
    seed
        Of the draws.

    Returns
    -------
    The control, in which nothing is dropped, then one record a hypothesis: "needed" where the claim is violated, "no
    violation found" where it is not under the alternative that was tried, which does not say that it is not needed, or
    "not tried".

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    UnsupportedClaim
        When the claim has no means of being checked.

    Examples
    --------
    >>> from boundcheck import E, P, Theorem, bounded, iid, mean, real
    >>> from sympy import exp
    >>> t = real("t", min=0, max=1)
    >>> X = iid(bounded(0, 1), 20)
    >>> hoeffding = Theorem(claim=P(mean(X) - E(mean(X)) >= t) <= exp(-40 * t**2))
    >>> for found in ablate(hoeffding):
    ...     print(f"{found.hypothesis}: {found.status}")
    none (control): no violation found
    independence: needed
    boundedness: needed
    boundedness beyond variance: needed
    """
    validate(trials, level, seed, "cpu", DEFAULT_PRECISION)
    require_theorems([theorem])
    [found] = ablate_all([theorem], trials=trials, level=level, seed=seed)
    if isinstance(found, BoundcheckError):
        raise found
    return found


def with_ablations(
    outcome: Outcome,
    theorems: Sequence[Theorem],
    *,
    trials: int | None,
    level: float,
    seed: int,
    workers: int = 1,
    report: Listener | None = None,
) -> Outcome:
    """The outcome of a run, its verdicts with what dropping hypotheses showed."""
    place = {(theorem.file, theorem.name): theorem for theorem in theorems}
    tested = [place[verdict.file, verdict.theorem] for verdict in outcome.verdicts]
    found = ablate_all(tested, trials=trials, level=level, seed=seed, workers=workers, report=report)
    verdicts = [_with(verdict, ablations) for verdict, ablations in zip(outcome.verdicts, found, strict=True)]
    return replace(outcome, verdicts=tuple(verdicts))


def _with(verdict: Verdict, found: tuple[Ablation, ...] | BoundcheckError) -> Verdict:
    ablations = (not_tried("all of them", str(found)),) if isinstance(found, BoundcheckError) else found
    return replace(verdict, ablations=ablations)


def ablate_all(
    theorems: Sequence[Theorem],
    *,
    trials: int | None,
    level: float,
    seed: int,
    workers: int = 1,
    report: Listener | None = None,
) -> list[tuple[Ablation, ...] | BoundcheckError]:
    """:func:`ablate` of several theorems at one level for all together, or why one has none.

    A theorem about a sample, or one beyond a relation of its hypotheses, is checked like any other, all in one run.
    Where there are networks and such theorems, each kind gets half of 1 - level; within a kind, each limit the same.
    """
    networks: dict[int, list[NetworkCase]] = {}
    refused: dict[int, BoundcheckError] = {}
    for place, theorem in enumerate(theorems):
        if theorem.reading.gap is not None:
            try:
                networks[place] = [case for case in cases_to_test(theorem).cases if isinstance(case, NetworkCase)]
            except BoundcheckError as error:
                refused[place] = error
    plans = [[] if place in refused else dropped(theorem) for place, theorem in enumerate(theorems)]
    left = [item.theorem for items in plans for item in items if isinstance(item.theorem, Theorem)]
    share = (1 - level) / (2 if networks and left else 1)
    limits = sum(map(limits_needed, networks.values()))
    found: list[list[Ablation]] = [[] for _ in theorems]
    for done, (place, cases) in enumerate(networks.items()):
        if report is not None:
            report(f"{theorems[place].name} without hypotheses", done / len(networks))
        control, items = ablations_of_network(cases, trials=trials, seed=seed, beta=share / limits)
        found[place] += [control, *items]
    if left:
        outcome = check_all(left, trials=trials, level=1 - share, seed=seed, workers=workers, report=report)
    else:
        outcome = Outcome(())
    for ablations, dropping in zip(found, plans, strict=True):
        ablations += [_of_theorem(item, outcome) for item in dropping]
    return [refused.get(place) or _judged(ablations) for place, ablations in enumerate(found)]


def _of_theorem(item: Dropped, outcome: Outcome) -> Ablation:
    """What the check of a theorem without a hypothesis says of it."""
    theorem = item.theorem
    if isinstance(theorem, str):
        return not_tried(item.hypothesis, theorem)
    for verdict in outcome.verdicts:
        if (verdict.file, verdict.theorem) == (theorem.file, theorem.name):
            return _of_verdict(item.hypothesis, item.words, verdict)
    reasons = (str(error) for failed, error in outcome.failures if failed is theorem)
    return not_tried(item.hypothesis, next(reasons, "it could not be checked"))


def _of_verdict(hypothesis: str, alternative: str, verdict: Verdict) -> Ablation:
    """Needed where the theorem without the hypothesis is refuted."""
    refuted = verdict.status is Status.REFUTED
    found = Ablation(
        hypothesis=hypothesis,
        alternative=alternative,
        status=Finding.NEEDED if refuted else Finding.NOT_FOUND,
        method=verdict.method,
        note=verdict.note,
    )
    chosen = [point for point in verdict.points if not refuted or point.status is Status.REFUTED]
    if not chosen:
        return replace(found, parameters=_parameters(verdict))
    point = max(chosen, key=_excess if refuted else _used_up)
    evidence = point.evidence
    return replace(
        found,
        parameters=evidence.parameters,
        law=evidence.law,
        claimed=evidence.claimed_high if refuted else evidence.claimed_low,
        observed=point.observed,
        limit_low=point.limit_low,
        beta=point.beta,
        trials=evidence.trials,
        violations=evidence.violations,
        example=evidence.first_violation,
    )


def _parameters(verdict: Verdict) -> Mapping[str, str]:
    """Where a claim about numbers is false."""
    found = (verdict.counterexample or {}).get("parameters")
    return found if isinstance(found, Mapping) else {}


def _excess(point: PointVerdict) -> float:
    """How far the left side is above the right one: at the most telling of the points with a violation."""
    excess = point.limit_low - point.evidence.claimed_high
    return -math.inf if math.isnan(excess) else excess


def _used_up(point: PointVerdict) -> float:
    """How much of the claim the left side uses up."""
    if point.vacuous or point.ratio_low is None or math.isnan(point.ratio_low):
        return -math.inf
    return point.ratio_low


def _judged(found: Sequence[Ablation]) -> tuple[Ablation, ...]:
    """Where the control is violated, nothing is said of the hypotheses."""
    if not any(item.hypothesis == CONTROL and item.status is Finding.NEEDED for item in found):
        return tuple(found)
    return tuple(item if item.hypothesis == CONTROL else not_tried(item.hypothesis, _VIOLATED) for item in found)
