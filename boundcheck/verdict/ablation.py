"""What dropping a hypothesis showed: a violation, or none among what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.intervals import binomial_lower

CONTROL = "none (control)"
"""Stands for the hypothesis where none is dropped."""


class Finding(StrEnum):
    """What is known about a hypothesis."""

    NEEDED = "needed"
    """With an alternative that breaks it and keeps the others, the claim is violated."""
    NOT_FOUND = "no violation found"
    """The alternative that was tried does not violate the claim: another one may, so that nothing is decided."""
    NOT_TRIED = "not tried"
    """There is no alternative that boundcheck can run."""


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """One hypothesis of a theorem, and what was seen without it.

    Numbers are those of the point at which the claim is violated; where none is, of the one that came closest.
    """

    hypothesis: str
    alternative: str
    """What takes its place, in words."""
    status: Finding
    method: str = ""
    """How it was tried, in a few words."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    law: str | None = None
    claimed: float | None = None
    """The right side: the claimed probability, or any number."""
    observed: float | None = None
    """The left side: rate of sure violations, exact probability, or any number."""
    limit_low: float | None = None
    """The left side is at least this: for sure, or with confidence 1 - `beta`."""
    beta: float | None = None
    """Failure probability of that limit; None where it is certain."""
    trials: int = 0
    violations: int = 0
    largest: float | None = None
    """Of a gap: the largest one seen, less what rounding may have added, over the bound."""
    example: Mapping[str, object] | None = None
    """A trial that violates the bound."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Sure violations at one point among trials fixed in number beforehand."""

    parameters: Mapping[str, str]
    law: str | None
    claimed: float
    """At or above the claimed probability."""
    trials: int
    violations: int
    largest: float
    example: Mapping[str, object] | None = None


def ablation_of_counts(hypothesis: str, alternative: str, points: Sequence[Counted], beta: float) -> Ablation:
    """Needed where at some point the exact lower limit of the rate of violations exceeds the claim.

    Parameters
    ----------
    hypothesis, alternative
        What is dropped, and what takes its place.
    points
        What was counted, at one point or more.
    beta
        Failure probability of the limit at each point, already divided by the number of limits in the run: if the
        claim holds under the alternative, it is called needed with probability at most beta times the points.
    """
    if not points:
        raise InvalidArgument("points", len(points), "show nothing", "count at one point or more")
    limits = [binomial_lower(point.violations, point.trials, beta) for point in points]
    above = [limit > point.claimed for limit, point in zip(limits, points, strict=True)]
    # The first violated point; else where the limit, then the gap, comes closest to what is claimed.
    ranks = [
        (over, 0.0 if over else limit - point.claimed, 0.0 if over else point.largest)
        for over, limit, point in zip(above, limits, points, strict=True)
    ]
    place = ranks.index(max(ranks))
    point = points[place]
    return Ablation(
        hypothesis=hypothesis,
        alternative=alternative,
        status=Finding.NEEDED if above[place] else Finding.NOT_FOUND,
        method=f"simulation at {len(points)} of its points, {max(p.trials for p in points):,} trials each",
        parameters=point.parameters,
        law=point.law,
        claimed=point.claimed,
        observed=point.violations / point.trials,
        limit_low=limits[place],
        beta=beta,
        trials=point.trials,
        violations=point.violations,
        largest=point.largest,
        example=point.example,
    )


def not_tried(hypothesis: str, reason: str) -> Ablation:
    """A hypothesis that boundcheck cannot drop, and why."""
    return Ablation(hypothesis=hypothesis, alternative="", status=Finding.NOT_TRIED, note=reason)
