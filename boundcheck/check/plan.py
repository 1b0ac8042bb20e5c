"""Which cases of a theorem are tested: at the points that it names, or at points chosen inside its domain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from boundcheck.check.cases import Case, StatisticCase, cases, statistic_case
from boundcheck.check.points import candidate_points, neighbours, spread
from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Point
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.randomness import Sample
from boundcheck.statement.theorem import Theorem

GRID_POINTS = 40
NETWORK_POINTS = 4
EXACT_POINTS = 24
SIMULATED_POINTS = 6
SIMULATED_CLAIMS = (0.002, 0.9)
"""Claimed probabilities that trials decide."""
CLIMB_STEPS = 25
MAX_NETWORK_WEIGHTS = 200_000
"""Networks at points that boundcheck chooses have at most this many weights."""


def plan(theorem: Theorem) -> list[Case]:
    """The cases to test.

    Raises
    ------
    UnsupportedClaim
        When the formula or the event cannot be evaluated.
    InvalidArgument
        When a point that the theorem names makes no network or law.
    """
    if theorem.points is not None:
        return [case for point in theorem.points for case in cases(theorem, point)]
    gap, sample = theorem.tail.gap, theorem.tail.sample
    if gap is not None:
        points = _networks(gap.pruned, candidate_points(theorem, ends=False))
        return [case for point in spread(points, NETWORK_POINTS) for case in cases(theorem, point)]
    assert sample is not None
    grid = _possible(spread(list(candidate_points(theorem, ends=True)), GRID_POINTS), sample)
    witnesses = len(sample.at(grid[0]).witnesses())
    return [case for witness in range(witnesses) for case in _under(theorem, grid, witness)]


def _under(theorem: Theorem, grid: Sequence[Point], witness: int) -> list[StatisticCase]:
    """The cases under one law: those with an exact tail, also where the claim is tightest; some that take trials."""
    found = list(_valid(theorem, grid, witness))
    exact = [case for case in found if not case.simulated]
    simulated = [case for case in found if case.simulated]
    # Where no claim lies in the range that trials decide, the verdict says so rather than leaving the law out.
    low, high = SIMULATED_CLAIMS
    sampled = [case for case in simulated if low <= case.claimed.low < high] or simulated
    sampled.sort(key=lambda case: (case.claimed.low, case.work))
    chosen = [*spread(exact, EXACT_POINTS), *_tightest(exact), *spread(sampled, SIMULATED_POINTS)]
    return list({case.label: case for case in chosen}.values())


def _valid(theorem: Theorem, points: Iterable[Point], witness: int) -> Iterable[StatisticCase]:
    """The cases at points where the claim is a number and there is something random."""
    for point in points:
        try:
            case = statistic_case(theorem, point, witness)
        except InvalidArgument:
            continue
        if math.isfinite(case.claimed.low) and math.isfinite(case.claimed.high):
            yield case


def _tightest(found: Sequence[StatisticCase]) -> list[StatisticCase]:
    """Climb from the tightest case found to where no neighbouring point has a tighter one."""
    best = max(found, key=lambda case: case.tightness, default=None)
    if best is None:
        return []
    for _ in range(CLIMB_STEPS):
        around = _valid(best.theorem, neighbours(best.point), best.witness)
        better = max(around, key=lambda case: case.tightness, default=best)
        if better.tightness <= best.tightness:
            break
        best = better
    return [best]


def _possible(points: Iterable[Point], statement: Sample | Pruned) -> list[Point]:
    """The points at which there is a sample or a network; where there is none at all, the last reason is raised."""
    found: list[Point] = []
    refused = None
    for point in points:
        try:
            statement.at(point)
        except InvalidArgument as error:
            refused = error
        else:
            found.append(point)
    if not found and refused is not None:
        raise refused
    return found


def _networks(pruned: Pruned, points: Iterable[Point]) -> list[Point]:
    """The points whose networks are small enough to try; the smallest network where none is."""
    sized = [(pruned.at(point).target.size, point) for point in _possible(points, pruned)]
    small = [point for size, point in sized if size <= MAX_NETWORK_WEIGHTS]
    return small or [min(sized, key=lambda item: item[0])[1]]
