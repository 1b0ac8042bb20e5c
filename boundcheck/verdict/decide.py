"""From the evidence at all points to a verdict on a theorem."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from boundcheck.display import Displayed, pretty
from boundcheck.errors import InvalidArgument
from boundcheck.verdict.ablation import Ablation
from boundcheck.verdict.evidence import PointEvidence, Scaling
from boundcheck.verdict.point import PointVerdict, Status, decide_point


@dataclass(frozen=True, kw_only=True)
class Verdict(Displayed):
    """What is known about one theorem, how, and from what."""

    _repr_pretty_ = pretty

    theorem: str
    file: str | None
    status: Status
    vacuous: bool
    """Whether the claim says nothing at every tested point."""
    level: float
    """Probability with which all decisions of the run that rest on trials are right together."""
    seed: int
    seconds: float
    version: str
    method: str
    """How it is known, in a few words."""
    claim: str = ""
    """What is claimed, as text."""
    formula: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The same as "latex" and as "mathml", the latter without an element <math> around it."""
    random: Mapping[str, str] = field(default_factory=dict)
    """What is random in it, by symbols: samples as calls, other things in words."""
    domain: str | None = None
    """The box on which the claim is made, such as ``x in (-oo, oo)``."""
    points: tuple[PointVerdict, ...] = ()
    scaling: Scaling | None = None
    """For a claim with an unspecified constant: how the ratio of its sides was seen to grow."""
    counterexample: Mapping[str, object] | None = None
    certificate: Mapping[str, object] | None = None
    """What re-checks a proof or refutation without searching for it again."""
    ablations: tuple[Ablation, ...] = ()
    """What was seen without each hypothesis, the control first; empty where none was dropped."""
    call: str = field(default="", compare=False, repr=False)
    """What comes to this verdict again in Python; empty where more than one theorem was checked."""
    refutation_expected: bool = False
    """Whether the file lies under a folder of claims that must come out refuted."""
    note: str
    """One sentence: why the status is what it is, or what would decide."""

    @property
    def against(self) -> bool:
        """Whether the status speaks against the claim."""
        return self.status in (Status.REFUTED, Status.SCALING_BROKEN)

    @property
    def as_expected(self) -> bool:
        """Whether the status is the one that a passing run shows."""
        if self.refutation_expected:
            return self.against
        return self.status in (Status.PROVED, Status.CONFIRMED, Status.SCALING_OBSERVED)

    @property
    def device(self) -> str | None:
        """Where the trials of networks ran: "cpu" or "cuda"; None where there are none."""
        return next((point.evidence.device for point in self.points if point.evidence.device), None)

    @property
    def precision(self) -> str | None:
        """The precision of the trials of networks: "double" or "single"; None where there are none."""
        return next((point.evidence.precision for point in self.points if point.evidence.precision), None)

    @property
    def betas(self) -> tuple[float, ...]:
        """Failure probability of a statistical limit at each point that has any."""
        betas = [point.beta for point in self.points]
        betas += [point.beta for point in self.scaling.points] if self.scaling else []
        return tuple(beta for beta in betas if beta is not None)


def decide(
    *,
    theorem: str,
    file: str | None,
    evidence: Sequence[PointEvidence],
    beta: float | Sequence[float],
    level: float,
    seed: int,
    seconds: float,
    version: str,
    refutation_expected: bool = False,
    exhaustive: bool = False,
    domain: str | None = None,
) -> Verdict:
    """Verdict on a theorem from the evidence at its points.

    One refuted point refutes; all points must be confirmed to confirm. Testing points proves only where they
    are the whole domain and each is confirmed by an exact law.

    Parameters
    ----------
    theorem, file
        Name of the theorem and the file that states it, if any.
    evidence
        What was measured, one item per parameter point and law.
    beta
        Failure probability of each one-sided limit, already corrected for multiplicity: one for all points, or one
        for each. Those of :func:`boundcheck.verdict.multiple.betas` make all decisions of a run right together.
    level
        Probability with which all decisions of the run that rest on trials are right together.
    seed, seconds, version
        Of the run, for the record.
    refutation_expected
        Whether the claim is one that must come out refuted.
    exhaustive
        Whether the points, with their laws, are the whole domain of the claim.
    domain
        That domain in words, for the record.

    Raises
    ------
    InvalidArgument
        If a `beta` or `level` is not strictly between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidArgument("level", level, "is not strictly between 0 and 1", "pass a level such as 0.99")
    each = [beta] * len(evidence) if isinstance(beta, float | int) else beta
    points = tuple(decide_point(item, share) for item, share in zip(evidence, each, strict=True))
    refuted = [point for point in points if point.status is Status.REFUTED]
    undecided = [point for point in points if point.status is Status.INCONCLUSIVE]
    counterexample = None
    method = _method(points)
    if refuted:
        status = Status.REFUTED
        worst = max(refuted, key=lambda point: (point.limit_low - point.evidence.claimed_high, point.ratio_low or 0))
        counterexample = _counterexample(worst)
        note = _sentence(worst)
    elif undecided:
        status = Status.INCONCLUSIVE
        # The point that holds out longest says what would decide the theorem.
        worst = max(undecided, key=lambda point: math.inf if point.needed is None else point.needed)
        note = _sentence(worst)
    elif points and exhaustive and all(point.evidence.exact for point in points):
        status = Status.PROVED
        method = f"exact law at {f'all {len(points):,} points' if len(points) > 1 else 'the one point'} of the domain"
        note = "The exact law keeps the claim at every point of the domain"
    elif points:
        status = Status.CONFIRMED
        where = "the tested point" if len(points) == 1 else f"each of the {len(points)} tested points"
        note = f"At {where} the claim holds"
        if any(point.beta for point in points):
            note += " with its upper confidence limit"
    else:
        status = Status.INCONCLUSIVE
        note = "Nothing was measured; state a domain and laws in which the claim can be tested"
    return Verdict(
        theorem=theorem,
        file=file,
        status=status,
        vacuous=bool(points) and all(point.vacuous for point in points),
        level=level,
        seed=seed,
        seconds=seconds,
        version=version,
        method=method,
        domain=domain,
        points=points,
        counterexample=counterexample,
        refutation_expected=refutation_expected,
        note=note,
    )


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """Exit status of a run: 0 all as expected, 1 a failure, 3 no failure but something inconclusive.

    A failure is a refutation (or broken scaling) that was not expected, or anything else where one was.

    Raises
    ------
    InvalidArgument
        If there is no verdict: a run that checked nothing must not look like one that passed.
    """
    verdicts = tuple(verdicts)
    if not verdicts:
        raise InvalidArgument("verdicts", verdicts, "is empty", "name a file that holds a theorem")
    failures = [verdict for verdict in verdicts if not verdict.as_expected]
    if not failures:
        return 0
    return 1 if any(failure.refutation_expected or failure.against for failure in failures) else 3


def _counterexample(point: PointVerdict) -> dict[str, object]:
    evidence = point.evidence
    found: dict[str, object] = {
        "parameters": dict(evidence.parameters),
        "law": evidence.law,
        "seed": evidence.seed,
        "bound": evidence.bound,
        "quantity": evidence.quantity,
        "claimed": evidence.claimed_high,
        "claimed_exact": evidence.claimed_exact,
        "observed": point.observed,
        "limit_low": point.limit_low,
        "limit_high": point.limit_high,
        "ratio_low": point.ratio_low,
        "ratio_high": point.ratio_high,
        "trials": evidence.trials,
        "violations": evidence.violations,
        "open": evidence.open,
        "estimated": evidence.estimated,
    }
    if evidence.first_violation is not None:
        found["first_violation"] = dict(evidence.first_violation)
    return found


def _method(points: Sequence[PointVerdict]) -> str:
    evidence = [point.evidence for point in points]
    enclosed = [item.exact and item.quantity == "expectation" for item in evidence]
    laws = [item.exact and item.quantity == "probability" for item in evidence]
    tilted = [item.trials for item in evidence if item.tilted]
    plain = [item.trials for item in evidence if item.trials and not item.tilted]
    means = [item.estimated for item in evidence if item.estimated]
    idle = len(points) - sum(enclosed) - sum(laws) - len(tilted) - len(plain) - len(means)
    parts = []
    if any(laws):
        parts.append(f"exact law at {_plural(sum(laws), 'point')}")
    if any(enclosed):
        parts.append(f"both sides enclosed at {_plural(sum(enclosed), 'point')}")
    single = " in single precision" * any(item.precision == "single" for item in evidence)
    for how, trials in ((f"simulation{single}", plain), ("importance sampling", tilted), ("simulated mean", means)):
        if trials:
            each = _plural(min(trials), "trial")
            if min(trials) != max(trials):
                each = f"{min(trials):,} to {max(trials):,} trials"
            parts.append(f"{how} at {_plural(len(trials), 'point')}, {each}{' each' * (len(trials) > 1)}")
    if idle:
        parts.append(f"no measurement at {_plural(idle, 'point')}")
    return "; ".join(parts) or "no points tested"


def _sentence(point: PointVerdict) -> str:
    """Where the point is, and why it has its status."""
    where = ", ".join(f"{name} = {value}" for name, value in point.evidence.parameters.items())
    law = f"under {point.evidence.law}" if point.evidence.law else ""
    place = " ".join(filter(None, [f"at {where}" if where else "", law]))
    sentence = f"{place}: {point.reason}" if place else point.reason
    return sentence[:1].upper() + sentence[1:]


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
