"""One level for a whole run: what each of its tests may fail with, and which decisions that allows.

Of N tests, those with fixed limits (expectations, growth) get (1 - level)/N each. The M that count violations share the
rest, (1 - level) M/N: half of it bounds the probability of any false refutation, half that of any false confirmation,
by Holm's step-down procedure in each (S. Holm, Scand. J. Statist. 6 (1979), 65-70): where m of the M are not refuted
yet, one is if it can be at 1/m of the half; and again, until there is none. A single point needs no halves, for its
claim is true or false there.

Why not one procedure for both kinds: exactly one of a point's two hypotheses, "the claim holds here" and "it does not",
is true, so 2M hypotheses always hold M true ones, however many are rejected: a closed test with Bonferroni's local
tests (J. P. Shaffer, J. Am. Statist. Assoc. 81 (1986), 826-831) never gets beyond 1/M of the whole.

Each point has a fixed number of trials, or stops where its e-process first reaches what the first step asks for, or at
its cap; 1/E there is a p-value, since a stopped e-process has a mean of at most 1. Nothing depends on the order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.point import PointVerdict, Status, confirms, refutes


@dataclass(frozen=True)
class Shares:
    """How the tests of a run share what its decisions may fail with.

    Attributes
    ----------
    level
        Probability with which all decisions of the run are right together.
    tests
        The N tests of the run.
    counted
        The M of them that count violations.
    """

    level: float
    tests: int
    counted: int

    @property
    def fixed(self) -> float:
        """Failure probability of a test with fixed limits."""
        return (1 - self.level) / max(1, self.tests)

    @property
    def family(self) -> float:
        """Failure probability of all refutations, and of all confirmations, that rest on counts."""
        return self.fixed * self.counted / min(2, max(1, self.counted))

    @property
    def first(self) -> float:
        """The failure probability that a point may be decided with in any case: that of Holm's first step."""
        return self.family / max(1, self.counted)


def step_down(count: int, family: float, rejects: Callable[[int, float], bool], tests: int) -> list[tuple[bool, float]]:
    """Holm's procedure: for each of `count` hypotheses whether it is rejected, and the failure probability that took.

    Parameters
    ----------
    count, rejects
        The hypotheses: ``rejects(i, beta)`` tells whether number i is rejected at `beta`, and so at larger ones.
    family
        Probability with which any true hypothesis may be rejected.
    tests
        How many hypotheses there are, with those of which nothing came to be known.

    Returns
    -------
    For a hypothesis that is not rejected, the failure probability that it would have had to be rejected at.
    """
    remaining, found = list(range(count)), dict[int, float]()
    while True:
        # Until all are rejected there is one left.
        beta = family / max(1, tests - len(found))
        fallen = [i for i in remaining if rejects(i, beta)]
        if not fallen:
            break
        found |= dict.fromkeys(fallen, beta)
        remaining = [i for i in remaining if i not in found]
    return [(i in found, found.get(i, beta)) for i in range(count)]


def betas(evidence: Sequence[PointEvidence], shares: Shares) -> list[float]:
    """The failure probability with which each point of a run is decided, and its limits are given.

    Parameters
    ----------
    evidence
        What is known of every point of every theorem of the run.
    shares
        Planned before the first trial, also for points of which nothing came to be known.

    Returns
    -------
    For a point with trials that is refuted or confirmed, what Holm's step decided it at; for one that is neither, the
    smaller of the two that would have been needed; for others, that of a fixed limit.
    """
    counted = [i for i, item in enumerate(evidence) if item.trials]
    against = step_down(
        len(counted), shares.family, lambda i, beta: refutes(evidence[counted[i]], beta), shares.counted
    )
    support = step_down(
        len(counted), shares.family, lambda i, beta: confirms(evidence[counted[i]], beta), shares.counted
    )
    found = [shares.fixed] * len(evidence)
    for place, (refuted, low), (confirmed, high) in zip(counted, against, support, strict=True):
        found[place] = low if refuted else high if confirmed else min(low, high)
    return found


def failing(points: Sequence[PointVerdict]) -> float:
    """What the decisions at points may fail with together, by Holm's procedure where trials were counted."""
    counted = [point for point in points if point.beta is not None and point.evidence.trials]
    total = 0.0
    for status in (Status.REFUTED, Status.CONFIRMED):
        taken = sorted(point.beta for point in counted if point.status is status and point.beta is not None)
        # The m-th decision may take 1/(all - m + 1) of what decisions of its kind may fail with.
        total += max((beta * (len(counted) - m) for m, beta in enumerate(taken)), default=0.0)
    return total + math.fsum(point.beta or 0.0 for point in points if not point.evidence.trials)
