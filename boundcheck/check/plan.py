"""What is tested where: a theorem's parameter points, laws, and numbers claimed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr

from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument
from boundcheck.formula.exact import exact_tail
from boundcheck.formula.rigorous import Ball, Interval, ball, enclose, interval
from boundcheck.statement.domain import Point, number
from boundcheck.statement.points import candidate_points, spread
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.randomness import Sample, Statistic
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.intervals import trials_to_confirm

TOLERATED = 3
"""Violations that the default number of trials can bear and still confirm."""
MAX_NETWORK_WEIGHTS = 200_000
"""Networks at points that boundcheck chooses have at most this many weights."""
MAX_NETWORK_WORK = 150_000_000
MAX_STATISTIC_WORK = 300_000_000
"""Weights, or variables, drawn at one point unless the user gives the number of trials."""
MIN_TRIALS = 10_000
MIN_TRIALS_NETWORK = 100
NETWORK_POINTS = 4
EXACT_POINTS = 12
SIMULATED_POINTS = 4
SIMULATED_CLAIMS = (0.005, 1.0)
"""Claimed probabilities for which boundcheck chooses to simulate."""


@dataclass(frozen=True)
class Test:
    """One theorem at one parameter point under one law: what is claimed and how it is measured."""

    theorem: Theorem
    point: Point
    claimed: Interval
    law: str
    work: int
    """Weights or variables of one trial."""
    threshold: Interval | None = None
    pruned: Pruned | None = None
    radius: float = 1.0
    margin: Expr | None = None
    statistic: Statistic | None = None
    tail: Interval | None = None
    ratio: Interval | None = None
    """Exact tail over claimed probability."""

    @property
    def simulated(self) -> bool:
        """Whether the test takes trials."""
        return self.tail is None

    @property
    def label(self) -> str:
        """The point and law in words: what the draws are keyed by."""
        values = ", ".join(f"{p.name}={v}" for p, v in sorted(self.point.items(), key=lambda item: item[0].name))
        return f"{values}; {self.law}"

    def default_trials(self, beta: float) -> int:
        """Enough to confirm despite a few violations, within the work that a run should take."""
        least, most = (
            (MIN_TRIALS, MAX_STATISTIC_WORK) if self.pruned is None else (MIN_TRIALS_NETWORK, MAX_NETWORK_WORK)
        )
        wanted = trials_to_confirm(self.claimed.low, beta, TOLERATED) if 0 < self.claimed.low < 1 else least
        return min(max(wanted, least), max(1, most // max(1, self.work)))


def plan(theorem: Theorem) -> list[Test]:
    """The tests of a theorem: at the points that it names, or at points chosen inside its domain.

    Raises
    ------
    UnsupportedClaim
        When the formula or the event cannot be evaluated.
    InvalidArgument
        When a point that the theorem names makes no network or law.
    """
    if theorem.points is not None:
        return [test for point in theorem.points for test in _tests(theorem, point)]
    if theorem.tail.gap is not None:
        return spread(list(_possible(theorem, candidate_points(theorem))), NETWORK_POINTS)
    tests = list(_possible(theorem, candidate_points(theorem)))
    chosen = []
    for law in dict.fromkeys(test.law for test in tests):
        of_law = [test for test in tests if test.law == law]
        exact = [test for test in of_law if not test.simulated]
        low, high = SIMULATED_CLAIMS
        sampled = [test for test in of_law if test.simulated and low <= test.claimed.low < high]
        chosen += spread(exact, EXACT_POINTS) + spread(sampled, SIMULATED_POINTS)
    return chosen


def _possible(theorem: Theorem, points: Iterable[Point]) -> Iterator[Test]:
    """The tests at candidate points, without those that make no network, have no bound or are too large."""
    refused: InvalidArgument | None = None
    any_test = False
    for point in points:
        try:
            tests = _tests(theorem, point)
        except InvalidArgument as error:
            refused = error
            continue
        for test in tests:
            if test.pruned is None or (test.work <= MAX_NETWORK_WEIGHTS and np.isfinite(test.claimed).all()):
                any_test = True
                yield test
    if not any_test and refused is not None:
        raise refused


def _tests(theorem: Theorem, point: Point) -> list[Test]:
    tail = theorem.tail
    claimed = ball(expand_bounds(tail.claimed), point)
    gap = tail.gap
    if gap is not None:
        pruned = gap.pruned.at(point)
        radius = gap.radius.xreplace(dict(point))
        work = sum(int(layer.size) for layer in pruned.target.layers)
        laws = " / ".join(dict.fromkeys(str(layer.weights) for layer in pruned.target.layers))
        threshold = enclose(expand_bounds(tail.threshold()), point) if work <= MAX_NETWORK_WEIGHTS * 50 else None
        return [Test(theorem, point, interval(claimed), laws, work, threshold, pruned, number(radius))]
    assert tail.sample is not None
    return [_statistic_test(theorem, point, claimed, sample) for sample in tail.sample.at(point).witnesses()]


def _statistic_test(theorem: Theorem, point: Point, claimed: Ball, sample: Sample) -> Test:
    margin, statistic = theorem.tail.margin_at(point, sample)
    margin = expand_bounds(margin)
    laws = " / ".join(dict.fromkeys(str(law) for law in sample.laws))
    test = Test(theorem, point, interval(claimed), laws, int(sample.size), margin=margin, statistic=statistic)
    tail = exact_tail(margin, statistic, strict=theorem.tail.strict)
    if tail is None:
        return test
    return replace(test, tail=interval(tail), ratio=interval(tail / claimed) if claimed > 0 else None)
