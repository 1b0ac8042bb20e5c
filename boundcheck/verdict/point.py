"""From what was measured at one point to what it amounts to there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.evidence import PointEvidence, middle
from boundcheck.verdict.intervals import MAX_TRIALS, binomial_lower, binomial_upper, trials_to_decide
from boundcheck.verdict.sequential import sequential_lower, sequential_upper
from boundcheck.verdict.status import Status


@dataclass(frozen=True, kw_only=True)
class PointVerdict:
    """What the evidence at one point amounts to."""

    evidence: PointEvidence
    status: Status
    limit_low: float
    """The left side is at least this: for sure if exact, else with confidence 1 - `beta`."""
    limit_high: float
    """The left side is at most this: for sure if exact, else with confidence 1 - `beta`."""
    ratio_low: float | None
    """Left over right side is at least this, also below the range of floats; None where the right side may be 0."""
    ratio_high: float | None
    """Left over right side is at most this; None where the right side may be 0."""
    observed: float | None
    """Rate of sure violations (times the scale), or midpoint of the left side's enclosure; None if not measured."""
    beta: float | None
    """Failure probability of each of the two limits; None where they are certain."""
    needed: int | None
    """Trials that would decide if the true rate were the observed one; None if decided or no number does."""
    reason: str

    @property
    def vacuous(self) -> bool:
        """Whether the claim says nothing here."""
        evidence = self.evidence
        return evidence.vacuous or (evidence.quantity == "probability" and evidence.claimed_low >= 1)


def decide_point(evidence: PointEvidence, beta: float) -> PointVerdict:
    """Compare what was measured at one point with what is claimed there.

    The left side lies between two limits: the ends of its enclosure if it has one, else confidence limits, the lower
    one from sure violations, the upper one from violations and open trials. They are Clopper and Pearson's where the
    number of trials was fixed beforehand, and those of e-processes (:mod:`boundcheck.verdict.sequential`) where trials
    stopped when that decided. The claim is refuted if the lower limit exceeds it and confirmed if the upper limit does
    not. Limits of trials from a tilted law are compared with the claim over the scale, and multiplied by the scale for
    display.

    Parameters
    ----------
    evidence
        What was measured.
    beta
        Failure probability of each one-sided limit, already corrected for the number of tests in the run. A
        true claim is refuted, and a false one confirmed, with probability at most `beta`.

    Raises
    ------
    InvalidArgument
        If `beta` is not strictly between 0 and 1.
    """
    if not 0 < beta < 1:
        raise InvalidArgument("beta", beta, "is not strictly between 0 and 1", "pass a failure probability")
    limits = _limits(evidence, beta)
    needed = None
    if limits.above:
        status, reason = Status.REFUTED, _why_refuted(evidence, limits)
    elif limits.within:
        status, reason = Status.CONFIRMED, _why_confirmed(evidence, limits)
    else:
        status = Status.INCONCLUSIVE
        needed, reason = _what_would_decide(evidence, limits, beta)
    return PointVerdict(
        evidence=evidence,
        status=status,
        limit_low=limits.low,
        limit_high=limits.high,
        ratio_low=limits.ratio_low,
        ratio_high=limits.ratio_high,
        observed=limits.observed,
        beta=beta if evidence.trials or evidence.estimated else None,
        needed=needed,
        reason=reason,
    )


def refutes(evidence: PointEvidence, beta: float) -> bool:
    """Whether what was measured refutes the claim, with failure probability `beta` for each limit."""
    return _limits(evidence, beta).above


def confirms(evidence: PointEvidence, beta: float) -> bool:
    """Whether what was measured confirms the claim, with failure probability `beta` for each limit."""
    return _limits(evidence, beta).within


class _Limits(NamedTuple):
    """Of the left side and of its ratio to the right side, and how they compare with the claim."""

    low: float
    high: float
    observed: float | None
    ratio_low: float | None
    ratio_high: float | None
    above: bool
    within: bool


def _limits(evidence: PointEvidence, beta: float) -> _Limits:
    return _limits_of_trials(evidence, beta) if evidence.trials else _limits_of_enclosure(evidence)


def _limits_of_enclosure(evidence: PointEvidence) -> _Limits:
    # Outward rounding may lead out of [0, 1], where no probability is.
    least, most = (0.0, 1.0) if evidence.quantity == "probability" else (-math.inf, math.inf)
    low, high, observed = least, most, None
    if evidence.tail_low is not None and evidence.tail_high is not None:
        low, high = max(least, evidence.tail_low), min(most, evidence.tail_high)
        observed = middle(low, high)
    ratio_low, ratio_high = evidence.ratio_low, evidence.ratio_high
    return _Limits(
        low,
        high,
        None if observed is None or math.isnan(observed) else observed,
        ratio_low,
        ratio_high,
        above=low > evidence.claimed_high or (ratio_low is not None and ratio_low > 1),
        within=high <= evidence.claimed_low or (ratio_high is not None and ratio_high <= 1),
    )


def _limits_of_trials(evidence: PointEvidence, beta: float) -> _Limits:
    rate = evidence.violations / evidence.trials
    target_low, target_high = evidence.target
    sure, possible = evidence.violations, evidence.violations + evidence.open
    if evidence.sequential:
        rate_low = sequential_lower(sure, evidence.trials, beta, target_high)
        rate_high = sequential_upper(possible, evidence.trials, beta, target_low)
    else:
        rate_low = binomial_lower(sure, evidence.trials, beta)
        rate_high = binomial_upper(possible, evidence.trials, beta)
    ratio_low = ratio_high = None
    if target_high > 0:
        ratio_low = math.nextafter(rate_low / target_high, 0.0)
        ratio_high = math.nextafter(rate_high / target_low, math.inf) if target_low > 0 else math.inf
    low, high, observed = rate_low, rate_high, rate
    if evidence.tilted:
        low = min(1.0, math.nextafter(rate_low * evidence.scale_low, 0.0))
        high = min(1.0, math.nextafter(rate_high * evidence.scale_high, math.inf))
        observed = min(max(rate * middle(evidence.scale_low, evidence.scale_high), low), high)
    return _Limits(
        low,
        high,
        observed,
        ratio_low,
        ratio_high,
        # Scaled trials may say more than 1, and no probability is.
        above=(rate_low > target_high and evidence.claimed_low < 1) or low > evidence.claimed_high,
        within=rate_high <= target_low or high <= evidence.claimed_low,
    )


def _why_refuted(evidence: PointEvidence, limits: _Limits) -> str:
    left = _left(evidence)
    if evidence.trials and evidence.target[1] == 0:
        return (
            f"violated for sure in {evidence.violations:,} of {evidence.trials:,} trials, though claimed to be certain"
        )
    if limits.low > evidence.claimed_high or limits.ratio_low is None:
        low, claimed = apart(limits.low, evidence.claimed_high)
        return f"the {left} is at least {low}, above {_right(evidence, 'at most')} {claimed}"
    ratio, _ = apart(limits.ratio_low, 1.0)
    return f"the {left} is at least {ratio} times {_right(evidence)}"


def _why_confirmed(evidence: PointEvidence, limits: _Limits) -> str:
    if evidence.quantity == "probability" and evidence.claimed_low >= 1:
        return "no probability exceeds the claimed one: the claim says nothing here"
    if limits.high <= evidence.claimed_low or limits.ratio_high is None:
        claimed = f"{evidence.claimed_low:.6g}"
        return f"the {_left(evidence)} is at most {limits.high:.6g}, within {_right(evidence, 'at least')} {claimed}"
    return f"the {_left(evidence)} is at most {limits.ratio_high:.6g} times {_right(evidence)}"


def _what_would_decide(evidence: PointEvidence, limits: _Limits, beta: float) -> tuple[int | None, str]:
    """Trials that would decide, if any number would, and a sentence about it."""
    if evidence.exact:
        sides = "tail and claim" if evidence.quantity == "probability" else "the two sides"
        return None, f"the enclosures of {sides} overlap; more precision decides unless they are equal"
    if evidence.estimated:
        return None, "the confidence limits of the left side lie around the right side; more trials would narrow them"
    if not evidence.trials:
        if evidence.quantity == "expectation":
            return None, "nothing is known of the left side; a law with known moments would decide"
        return None, "nothing was measured; run trials or use the exact law"
    sure = evidence.violations / evidence.trials
    possible = (evidence.violations + evidence.open) / evidence.trials
    target_low, target_high = evidence.target
    where = " under the tilted law" if evidence.tilted else ""
    if target_high == 0:
        opened = f" ({evidence.open:,} are open)" if evidence.open else ""
        return None, (
            f"no trial of {evidence.trials:,} is a sure violation{opened}, and no number of trials shows certainty; "
            f"the upper confidence limit of the probability of an exception is {limits.high:.4g}"
        )
    # An open trial counts for the claim when refuting and against it when confirming.
    if sure > target_high:
        rate, claimed, outcome = sure, target_high, "refute"
    elif possible < target_low:
        rate, claimed, outcome = possible, target_low, "confirm"
    elif evidence.open:
        return None, (
            f"{evidence.open:,} of {evidence.trials:,} trials are open, so the rate{where} is anywhere from "
            f"{sure:.4g} to {possible:.4g} around the claimed {target_high:.4g}; "
            "no number of trials decides, only a sharper certificate or a better search for violations"
        )
    else:
        return None, (
            f"the observed rate {sure:.4g}{where} equals the claimed one; "
            "if the true rate does too, no number of trials decides"
        )
    needed = trials_to_decide(rate, claimed, beta)
    supposed = "no trial violates the claim" if rate == 0 else f"the true rate{where} is the observed {rate:.4g}"
    if needed is None:
        return None, (
            f"if {supposed}, more than {MAX_TRIALS:.0e} trials are needed to {outcome}; "
            "the exact law of the statistic would decide"
        )
    fixed = " fixed beforehand" if evidence.sequential else ""
    return needed, f"a new run of about {needed:,} trials{fixed} (another seed) would {outcome} it if {supposed}"


def _left(evidence: PointEvidence) -> str:
    if evidence.quantity == "expectation":
        return "left side"
    name = "tail" if evidence.exact or evidence.tilted else "violation rate"
    if evidence.opposite:
        name = "probability of the opposite event" if name == "tail" else "rate of the opposite event"
    return f"exact {name}" if evidence.exact else name


def _right(evidence: PointEvidence, limit: str = "") -> str:
    if evidence.quantity == "expectation":
        return f"the right side, which is {limit}" if limit else "the right side"
    if evidence.opposite:
        return "what the claim leaves it," if limit else "what the claim leaves it"
    return "the claimed" if limit else "the claimed probability"


def apart(first: float, second: float, digits: int = 6) -> tuple[str, str]:
    """Two different numbers in words that differ.

    Parameters
    ----------
    first, second
        The numbers.
    digits
        Significant digits, unless it takes more to tell them apart.

    Examples
    --------
    >>> apart(0.1000000001, 0.1)
    ('0.1000000001', '0.1')
    """
    enough = next((d for d in range(digits, 17) if f"{first:.{d}g}" != f"{second:.{d}g}"), 17)
    return f"{first:.{enough}g}", f"{second:.{enough}g}"
