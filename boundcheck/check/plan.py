"""What is tested where: a theorem's parameter points, laws, and numbers claimed there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument
from boundcheck.formula.exact import exact_tail
from boundcheck.formula.rigorous import Interval, ball, enclose, interval
from boundcheck.statement.domain import Point, number
from boundcheck.statement.points import candidate_points, neighbours, spread
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
EXACT_POINTS = 24
GRID_POINTS = 300
CLIMB_STEPS = 25
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
    witness: int = 0
    """Place of the law among the witnesses of a family."""
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
    def worst(self) -> float:
        """Lower end of the ratio of exact tail to claim."""
        return self.ratio.low if self.ratio is not None else 0.0

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
    candidates = spread(list(candidate_points(theorem)), GRID_POINTS)
    if theorem.tail.gap is not None:
        return [
            test for point in spread(_networks(theorem, candidates), NETWORK_POINTS) for test in _tests(theorem, point)
        ]
    tests = [test for point in _possible(candidates, theorem.tail.sample) for test in _tests(theorem, point)]
    chosen = []
    for law in dict.fromkeys(test.witness for test in tests):
        of_law = [test for test in tests if test.witness == law]
        exact = [test for test in of_law if not test.simulated]
        low, high = SIMULATED_CLAIMS
        simulated = [test for test in of_law if test.simulated]
        # Where no claim lies in the range that trials decide, the verdict says so rather than leaving the law out.
        sampled = [test for test in simulated if low <= test.claimed.low < high] or simulated
        chosen += spread(exact, EXACT_POINTS) + _climb(exact) + spread(sampled, SIMULATED_POINTS)
    return chosen


def _climb(tests: Sequence[Test]) -> list[Test]:
    """From the test with the largest ratio of exact tail to claim, to where no neighbouring point has a larger one."""
    known = [test for test in tests if test.ratio is not None and test.claimed.low < 1]
    if not known:
        return []
    best = max(known, key=lambda test: test.worst)
    tried = {test.label for test in tests}
    for _ in range(CLIMB_STEPS):
        found = []
        for point in neighbours(best.point):
            try:
                test = _statistic_test(best.theorem, point, best.witness)
            except InvalidArgument:
                continue
            if test.label not in tried and test.ratio is not None and test.claimed.low < 1:
                tried.add(test.label)
                found.append(test)
        better = max(found, key=lambda test: test.worst, default=best)
        if better.worst <= best.worst:
            break
        best = better
    return [best] if best not in tests else []


def _possible(points: Iterable[Point], statement: Sample | Pruned | None) -> list[Point]:
    """The points at which there is a sample or a network; where there is none at all, the last reason is raised."""
    found, refused = [], None
    for point in points:
        try:
            if statement is not None:
                statement.at(point)
        except InvalidArgument as error:
            refused = error
        else:
            found.append(point)
    if not found and refused is not None:
        raise refused
    return found


def _networks(theorem: Theorem, points: Iterable[Point]) -> list[Point]:
    """The points whose networks are small enough to try; the smallest network where none is."""
    assert theorem.tail.gap is not None
    pruned = theorem.tail.gap.pruned
    sized = [(pruned.at(point).target.size, point) for point in _possible(points, pruned)]
    small = [point for size, point in sized if size <= MAX_NETWORK_WEIGHTS]
    return small or [min(sized, key=lambda item: item[0])[1]]


def _tests(theorem: Theorem, point: Point) -> list[Test]:
    tail = theorem.tail
    gap = tail.gap
    if gap is not None:
        claimed = enclose(expand_bounds(tail.claimed), point)
        pruned = gap.pruned.at(point)
        radius = gap.radius.xreplace(dict(point))
        work = pruned.target.size
        laws = " / ".join(dict.fromkeys(str(layer.weights) for layer in pruned.target.layers))
        threshold = enclose(expand_bounds(tail.threshold()), point)
        return [Test(theorem, point, claimed, laws, work, threshold, pruned, number(radius))]
    assert tail.sample is not None
    count = len(tail.sample.at(point).witnesses())
    return [_statistic_test(theorem, point, witness) for witness in range(count)]


def _statistic_test(theorem: Theorem, point: Point, witness: int) -> Test:
    """The test under one witness of the sample's laws, by its place among them."""
    tail = theorem.tail
    assert tail.sample is not None
    sample = tail.sample.at(point).witnesses()[witness]
    claimed = ball(expand_bounds(tail.claimed), point)
    margin, statistic = tail.margin_at(point, sample)
    laws = " / ".join(dict.fromkeys(str(law) for law in sample.laws))
    test = Test(
        theorem,
        point,
        interval(claimed),
        laws,
        int(sample.size),
        witness=witness,
        margin=expand_bounds(margin),
        statistic=statistic,
    )
    exact = exact_tail(expand_bounds(margin), statistic, strict=tail.strict)
    if exact is None:
        return test
    return replace(test, tail=interval(exact), ratio=interval(exact / claimed) if claimed > 0 else None)
