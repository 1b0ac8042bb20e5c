"""From what was measured to a verdict: pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.intervals import MAX_TRIALS, binomial_lower, binomial_upper, checked_count, trials_to_decide


class Status(StrEnum):
    """What is known about a claim."""

    PROVED = "PROVED"
    """Holds on the whole stated domain, by proof; never the outcome of testing points."""
    CONFIRMED = "CONFIRMED"
    """At every tested point the tail, or its upper confidence limit, is at most the claimed one."""
    REFUTED = "REFUTED"
    """At some tested point the tail, or its lower confidence limit, exceeds the claimed one."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """Neither."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The three numbers of a bound on a gap, from what was seen to what was promised.

    For display, never for a decision, so a NaN (not measured) is accepted.
    """

    observed: float
    """Largest gap seen at any input and trial."""
    certificate: float
    """Largest deterministic bound at the realised norms."""
    bound: float
    """What the theorem promises."""

    @property
    def recursion_ratio(self) -> float:
        """Certificate over observed gap: how loose the recursion is, and the search for inputs."""
        return _ratio(self.certificate, self.observed)

    @property
    def concentration_ratio(self) -> float:
        """Bound over certificate: how loose the concentration step is."""
        return _ratio(self.bound, self.certificate)


@dataclass(frozen=True, kw_only=True)
class PointEvidence:
    """What was measured at one parameter point under one law.

    Either the tail is known exactly (`tail_low` and `tail_high`, no trials), or it was simulated (`trials`).

    Raises
    ------
    InvalidArgument
        If a number is NaN, an enclosure is reversed, or counts do not add up.
    """

    parameters: Mapping[str, str]
    """Exact values as strings, such as ``{"alpha": "1/2"}``."""
    law: str | None
    """The law of the weights or variables tested."""
    claimed_low: float
    """Lower end of an enclosure of the claimed probability at this point."""
    claimed_high: float
    """Upper end of that enclosure."""
    claimed_exact: str | None = None
    """The claimed probability exactly, where it has such a form."""
    trials: int = 0
    """Number of simulated trials, fixed beforehand."""
    violations: int = 0
    """Trials that violate the claim for sure, whatever rounding did."""
    open: int = 0
    """Trials that are neither surely violated nor surely fine."""
    tail_low: float | None = None
    """Lower end of an enclosure of the exact tail, when the law of the statistic is known."""
    tail_high: float | None = None
    """Upper end of that enclosure."""
    ratio_low: float | None = None
    """Lower end of an enclosure of exact tail over claimed probability: it decides below the range of floats."""
    ratio_high: float | None = None
    """Upper end of that enclosure."""
    bound: str | None = None
    """The evaluated threshold, as an exact or decimal string."""
    ladder: Ladder | None = None
    """For a bound on a gap: what was seen, certified and promised."""
    vacuous: bool = False
    """Whether the bound says nothing here (such as a gap above the trivial bound)."""
    seed: int | None = None
    """The seed of the trials."""
    first_violation: Mapping[str, object] | None = None
    """What reproduces the first sure violation: trial number, gap, bound."""

    def __post_init__(self) -> None:
        _enclosure("claimed_low", self.claimed_low, self.claimed_high)
        for name in ("trials", "violations", "open"):
            # A plain int, whatever kernels count in: NumPy's would overflow, and JSON does not know them.
            object.__setattr__(self, name, checked_count(name, getattr(self, name)))
        if self.violations + self.open > self.trials:
            raise InvalidArgument(
                "trials",
                self.trials,
                f"is less than violations + open = {self.violations + self.open}",
                "count each trial once",
            )
        if (self.tail_low is None) != (self.tail_high is None):
            raise InvalidArgument(
                "tail_high", self.tail_high, "is half an enclosure", "pass both tail_low and tail_high"
            )
        if (self.ratio_low is None) != (self.ratio_high is None) or (self.ratio_low is not None and not self.exact):
            raise InvalidArgument(
                "ratio_high", self.ratio_high, "is half an enclosure, or without a tail", "pass both ends and a tail"
            )
        if self.ratio_low is not None and self.ratio_high is not None:
            _enclosure("ratio_low", self.ratio_low, self.ratio_high)
        if self.tail_low is not None and self.tail_high is not None:
            _enclosure("tail_low", self.tail_low, self.tail_high)
            if self.tail_low > 1 or self.tail_high < 0:
                raise InvalidArgument(
                    "tail_low",
                    self.tail_low,
                    "encloses no probability",
                    "pass a tail from 0 to 1",
                )
            if self.trials:
                raise InvalidArgument(
                    "trials", self.trials, "comes with an exact tail", "pass one kind of evidence per point"
                )

    @property
    def exact(self) -> bool:
        """Whether the tail is known from the exact law of the statistic."""
        return self.tail_low is not None


@dataclass(frozen=True, kw_only=True)
class PointVerdict:
    """What the evidence at one point amounts to."""

    evidence: PointEvidence
    status: Status
    limit_low: float
    """The tail is at least this: for sure if exact, else with confidence 1 - `beta`."""
    limit_high: float
    """The tail is at most this: for sure if exact, else with confidence 1 - `beta`."""
    observed: float | None
    """Rate of sure violations, or midpoint of the exact tail's enclosure; None if not measured."""
    beta: float | None
    """Failure probability of each of the two limits; None where they are certain."""
    needed: int | None
    """Trials that would decide if the true rate were the observed one; None if decided or no number does."""
    reason: str

    @property
    def vacuous(self) -> bool:
        """Whether the claim says nothing here."""
        return self.evidence.vacuous or self.evidence.claimed_low >= 1


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known about one theorem, how, and from what."""

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
    points: tuple[PointVerdict, ...]
    counterexample: Mapping[str, object] | None
    refutation_expected: bool
    """Whether the file lies under a folder of claims that must come out refuted."""
    note: str
    """One sentence: why the status is what it is, or what would decide."""

    @property
    def as_expected(self) -> bool:
        """Whether the status is the one that a passing run shows."""
        if self.refutation_expected:
            return self.status is Status.REFUTED
        return self.status in (Status.PROVED, Status.CONFIRMED)


def decide_point(evidence: PointEvidence, beta: float) -> PointVerdict:
    """Compare what was measured at one point with what is claimed there.

    The tail lies between two limits: the ends of its enclosure if its law is known, else Clopper-Pearson
    limits, the lower one from sure violations, the upper one from violations and open trials. The claim is
    refuted if the lower limit exceeds it and confirmed if the upper limit does not.

    Parameters
    ----------
    evidence
        What was measured.
    beta
        Failure probability of each one-sided limit, already divided by the number of limits in the run. A
        true claim is refuted, and a false one confirmed, with probability at most `beta`.

    Raises
    ------
    InvalidArgument
        If `beta` is not strictly between 0 and 1.
    """
    if not 0 < beta < 1:
        raise InvalidArgument("beta", beta, "is not strictly between 0 and 1", "pass a failure probability")
    low, high, observed = _limits(evidence, beta)
    needed = None
    ratio_low, ratio_high = evidence.ratio_low, evidence.ratio_high
    if low > evidence.claimed_high or (ratio_low is not None and ratio_low > 1):
        status = Status.REFUTED
        reason = f"the {_tail(evidence)} is at least {low:.6g}, above the claimed {evidence.claimed_high:.6g}"
        if low <= evidence.claimed_high:
            reason = f"the exact tail is at least {ratio_low:.6g} times the claimed probability"
    elif high <= evidence.claimed_low or (ratio_high is not None and ratio_high <= 1):
        status = Status.CONFIRMED
        if evidence.claimed_low >= 1:
            reason = "no probability exceeds the claimed one: the claim says nothing here"
        else:
            reason = f"the {_tail(evidence)} is at most {high:.6g}, within the claimed {evidence.claimed_low:.6g}"
    else:
        status = Status.INCONCLUSIVE
        needed, reason = _what_would_decide(evidence, beta)
    return PointVerdict(
        evidence=evidence,
        status=status,
        limit_low=low,
        limit_high=high,
        observed=observed,
        beta=beta if evidence.trials else None,
        needed=needed,
        reason=reason,
    )


def decide(
    *,
    theorem: str,
    file: str | None,
    evidence: Sequence[PointEvidence],
    beta: float,
    level: float,
    seed: int,
    seconds: float,
    version: str,
    refutation_expected: bool = False,
) -> Verdict:
    """Verdict on a theorem from the evidence at its points.

    One refuted point refutes; all points must be confirmed to confirm. Testing points never proves.

    Parameters
    ----------
    theorem, file
        Name of the theorem and the file that states it, if any.
    evidence
        What was measured, one item per parameter point and law.
    beta
        Failure probability of each one-sided limit, already corrected for multiplicity: (1 - level) divided
        by the number of simulated points of the run makes all decisions right together, half of that makes
        all limits hold together.
    level
        Probability with which all decisions of the run that rest on trials are right together.
    seed, seconds, version
        Of the run, for the record.
    refutation_expected
        Whether the claim is one that must come out refuted.

    Raises
    ------
    InvalidArgument
        If `beta` or `level` is not strictly between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidArgument("level", level, "is not strictly between 0 and 1", "pass a level such as 0.99")
    points = tuple(decide_point(item, beta) for item in evidence)
    refuted = [point for point in points if point.status is Status.REFUTED]
    undecided = [point for point in points if point.status is Status.INCONCLUSIVE]
    counterexample = None
    if refuted:
        status = Status.REFUTED
        worst = max(
            refuted, key=lambda point: (point.limit_low - point.evidence.claimed_high, point.evidence.ratio_low or 0)
        )
        counterexample = _counterexample(worst)
        note = _sentence(worst)
    elif undecided:
        status = Status.INCONCLUSIVE
        # The point that holds out longest says what would decide the theorem.
        worst = max(undecided, key=lambda point: math.inf if point.needed is None else point.needed)
        note = _sentence(worst)
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
        method=_method(points),
        points=points,
        counterexample=counterexample,
        refutation_expected=refutation_expected,
        note=note,
    )


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """Exit status of a run: 0 all as expected, 1 a failure, 3 no failure but something inconclusive.

    A failure is a refutation that was not expected, or anything but a refutation where one was.

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
    if any(failure.refutation_expected or failure.status is Status.REFUTED for failure in failures):
        return 1
    return 3


def _limits(evidence: PointEvidence, beta: float) -> tuple[float, float, float | None]:
    if evidence.tail_low is not None and evidence.tail_high is not None:
        # Outward rounding may lead out of [0, 1], where no probability is.
        low, high = max(0.0, evidence.tail_low), min(1.0, evidence.tail_high)
        return low, high, low + (high - low) / 2
    if evidence.trials == 0:
        return 0.0, 1.0, None
    low = binomial_lower(evidence.violations, evidence.trials, beta)
    high = binomial_upper(evidence.violations + evidence.open, evidence.trials, beta)
    return low, high, evidence.violations / evidence.trials


def _what_would_decide(evidence: PointEvidence, beta: float) -> tuple[int | None, str]:
    """Trials that would decide, if any number would, and a sentence about it."""
    if evidence.exact:
        return None, "the enclosures of tail and claim overlap; more precision decides unless they are equal"
    if not evidence.trials:
        return None, "nothing was measured; run trials or use the exact law"
    sure = evidence.violations / evidence.trials
    possible = (evidence.violations + evidence.open) / evidence.trials
    # An open trial counts for the claim when refuting and against it when confirming.
    if sure > evidence.claimed_high:
        rate, claimed, outcome = sure, evidence.claimed_high, "refute"
    elif possible < evidence.claimed_low:
        rate, claimed, outcome = possible, evidence.claimed_low, "confirm"
    elif evidence.open:
        return None, (
            f"{evidence.open:,} of {evidence.trials:,} trials are open, so the rate is anywhere from "
            f"{sure:.4g} to {possible:.4g} around the claimed {evidence.claimed_high:.4g}; "
            "no number of trials decides, only a sharper certificate or a better search for violations"
        )
    else:
        return None, (
            f"the observed rate {sure:.4g} equals the claimed one; "
            "if the true rate does too, no number of trials decides"
        )
    needed = trials_to_decide(rate, claimed, beta)
    supposed = "no trial violates the claim" if rate == 0 else f"the true rate is the observed {rate:.4g}"
    if needed is None:
        return None, (
            f"if {supposed}, more than {MAX_TRIALS:.0e} trials are needed to {outcome}; "
            "the exact law of the statistic would decide"
        )
    return needed, f"a new run of about {needed:,} trials (another seed) would {outcome} it if {supposed}"


def _counterexample(point: PointVerdict) -> dict[str, object]:
    evidence = point.evidence
    found: dict[str, object] = {
        "parameters": dict(evidence.parameters),
        "law": evidence.law,
        "seed": evidence.seed,
        "bound": evidence.bound,
        "claimed": evidence.claimed_high,
        "claimed_exact": evidence.claimed_exact,
        "observed": point.observed,
        "limit_low": point.limit_low,
        "limit_high": point.limit_high,
        "trials": evidence.trials,
        "violations": evidence.violations,
        "open": evidence.open,
    }
    if evidence.first_violation is not None:
        found["first_violation"] = dict(evidence.first_violation)
    return found


def _method(points: Sequence[PointVerdict]) -> str:
    exact = sum(point.evidence.exact for point in points)
    trials = [point.evidence.trials for point in points if point.evidence.trials]
    idle = len(points) - exact - len(trials)
    parts = []
    if exact:
        parts.append(f"exact law at {_plural(exact, 'point')}")
    if trials:
        each = _plural(min(trials), "trial")
        if min(trials) != max(trials):
            each = f"{min(trials):,} to {max(trials):,} trials"
        parts.append(f"simulation at {_plural(len(trials), 'point')}, {each}{' each' * (len(trials) > 1)}")
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


def _tail(evidence: PointEvidence) -> str:
    return "exact tail" if evidence.exact else "violation rate"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _enclosure(name: str, low: float, high: float) -> None:
    if math.isnan(low) or math.isnan(high):
        value = low if math.isnan(low) else high
        raise InvalidArgument(
            name if math.isnan(low) else name.replace("_low", "_high"),
            value,
            "is not a number",
            "pass a finite enclosure; a NaN decides nothing",
        )
    if low > high:
        raise InvalidArgument(name, low, f"is above the upper end {high!r}", "pass the lower end first")


def _ratio(above: float, below: float) -> float:
    """`above` / `below` with 0/0, inf/inf and anything NaN undecided, and x/0 infinite."""
    if math.isnan(above) or math.isnan(below) or (math.isinf(above) and math.isinf(below)):
        return math.nan
    if below == 0:
        return math.nan if above == 0 else math.inf
    return above / below
