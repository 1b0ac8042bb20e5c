"""One theorem at one parameter point under one law: what is claimed there, in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar

from sympy import Expr, I, nan, zoo

from boundcheck.check.points import with_free
from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.exact import exact_probability
from boundcheck.formula.exact.sides import Value, formula_value, value_of
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.claim import Moment, Tail
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.laws import SHARE
from boundcheck.statement.layer import each
from boundcheck.statement.pruning import Pruned, number_of_inputs, radius_of_ball
from boundcheck.statement.randomness import Expectation, Sample
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import Witness, witnesses
from boundcheck.verdict.intervals import trials_to_confirm
from boundcheck.verdict.sequential import sequential_trials_to_confirm

MOST_WEIGHTS = 100_000_000
"""Networks with more weights are refused rather than run out of memory."""
MOST_INPUTS = 64
"""Of a trial on the whole ball."""
MOST_STATES = 1 << 24
"""Values that hold one hidden state for all inputs: a thread needs a few times as much memory."""
RARE = 0.002
"""Claimed probabilities below this take importance sampling, where there is a tilted law."""
RARE_TRIALS = 10_000
TOLERATED = 3
"""Violations that the most trials by default can bear and still confirm."""


@dataclass(frozen=True)
class Budget:
    """What the trials of a case take, in plain numbers that another process can send."""

    tests: int
    """Decisions that rest on trials; 0 where there are none."""
    counted: bool
    """Whether one of them counts violations; the others have fixed limits."""
    sequential: bool
    """Whether its trials may stop where that is decided; else their number is fixed beforehand."""
    cost: int
    """Rough cost of a trial, for the progress bar."""
    least: int
    most: int
    claimed: float
    """A lower bound of the claimed probability."""

    @property
    def fewest(self) -> int:
        """The trials that it takes at any level, unless they stop before."""
        return min(self.least, self.most) if self.tests else 0

    def trials(self, beta: float) -> int:
        """Enough to confirm despite a few violations, within the work that a run should take; it may stop before."""
        if not self.tests:
            return 0
        wanted = 0
        if 1 / self.most < self.claimed < 1:
            enough = sequential_trials_to_confirm if self.sequential else trials_to_confirm
            wanted = enough(self.claimed, beta, TOLERATED)
        return min(max(wanted, self.least), self.most)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What every case has: its place, its claim, and the work of one trial."""

    theorem: Theorem
    point: Point
    law: str
    claimed: Interval
    work: int
    """Weights or variables of one trial."""
    witness: int = 0
    """Place of the sample among the witnesses of the claim's families."""

    least_trials: ClassVar[int]
    most_work: ClassVar[int]
    """Weights or variables drawn at one point unless the user gives the number of trials."""
    counted: ClassVar[bool] = True
    """Whether trials count violations."""

    @property
    def simulated(self) -> bool:
        """Whether the case takes trials."""
        return True

    @property
    def exponent(self) -> float:
        """The ratio of logarithms of the sides, the larger the tighter: above 1 the claim is false; 0 if not known.

        It tells deep tails from points at which both sides are close to 1, which the ratio of the sides does not.
        """
        return 0.0

    @property
    def tests(self) -> int:
        """Limits that rest on trials: each may fail with its share of 1 - level."""
        return int(self.simulated)

    @property
    def cost(self) -> int:
        """Rough cost of a trial, for the progress bar."""
        return self.work

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the claim's parameters; what is free in a witness shows in its law."""
        named = {p.name: str(v) for p, v in self.point.items() if p != SHARE}
        return dict(sorted(named.items()))

    @property
    def label(self) -> str:
        """The point and law in words: what the draws are keyed by."""
        return f"{', '.join(f'{name}={value}' for name, value in self.parameters.items())}; {self.law}"

    @property
    def tightness(self) -> float:
        """At least this much of what is claimed is used up; 0 where it is not known or the claim is vacuous."""
        return 0.0

    @property
    def budget(self) -> Budget:
        """What its trials take."""
        return Budget(
            tests=self.tests,
            counted=self.simulated and self.counted,
            sequential=self.sequential,
            cost=self.cost,
            least=self.least_trials,
            most=self._affordable,
            claimed=self.claimed.low,
        )

    @property
    def sequential(self) -> bool:
        """Whether trials may stop where the claim is decided."""
        return self.simulated and self.counted

    @property
    def _affordable(self) -> int:
        return max(1, self.most_work // max(1, self.work))


@dataclass(frozen=True, kw_only=True)
class NetworkCase(Case):
    """The gap of a network without free parameters, and the threshold that it is claimed to stay below."""

    pruned: Pruned
    radius: float
    """A float at or above the radius of the input ball."""
    inputs: int | None = None
    """Number of fixed inputs that the claim is about, None for the whole ball."""

    least_trials = 100
    most_work = 300_000_000

    @cached_property
    def threshold(self) -> Interval:
        """An enclosure of the formula, which takes longer to evaluate than trials take to begin.

        Raises
        ------
        UnsupportedClaim
            When the formula cannot be evaluated.
        """
        return enclose(expand_bounds(self.theorem.tail.threshold()), self.point)

    @property
    def cost(self) -> int:
        """Each weight takes part in forward passes and norms."""
        return 20 * self.work


@dataclass(frozen=True, kw_only=True)
class EventCase(Case):
    """The event margin > 0 (or ≥ when not `strict`) of a sample of single laws, which is claimed to be rare."""

    sample: Sample
    margin: Expr
    strict: bool
    promise: Value
    """The claimed probability."""
    tail: Interval | None
    """The probability, where the law of the statistic is known."""
    ratio: Interval | None
    """The probability over the claimed one."""

    least_trials = 2_000
    most_work = 20_000_000

    @property
    def simulated(self) -> bool:
        return self.tail is None

    @property
    def budget(self) -> Budget:
        # Importance sampling needs no more trials the rarer the event is.
        rare = self.claimed.high < RARE
        return replace(super().budget, least=RARE_TRIALS, claimed=0.0) if rare else super().budget

    @property
    def tests(self) -> int:
        # An expectation in the margin that is known from trials only has limits of its own.
        return 1 + len(self.unknown) if self.simulated else 0

    @property
    def sequential(self) -> bool:
        # Limits of an expectation take a fixed number, and what is violated depends on them.
        return super().sequential and not self.unknown

    @property
    def unknown(self) -> frozenset[Expectation]:
        """Expectations in the margin that have no exact value."""
        return frozenset(mean for mean in self.margin.atoms(Expectation) if value_of(mean) is None)

    @property
    def tightness(self) -> float:
        return 0.0 if self.ratio is None or self.claimed.low >= 1 else self.ratio.low

    @property
    def exponent(self) -> float:
        return _exponent(self.ratio, self.claimed)


@dataclass(frozen=True, kw_only=True)
class MomentCase(Case):
    """Two sides, with left ≤ right claimed, that hold expectations under a sample of single laws."""

    sample: Sample
    left: Interval | None
    """None where it has no exact means; `claimed` encloses the right side, and is unbounded where that has none."""
    ratio: Interval | None
    """Left over right side, where that is positive."""
    estimated: Expr | None
    """What the side without exact means is the mean of."""

    least_trials = 4_000
    most_work = 4_000_000
    counted = False

    @property
    def simulated(self) -> bool:
        return self.estimated is not None

    @property
    def tightness(self) -> float:
        return 0.0 if self.ratio is None else self.ratio.low

    @property
    def exponent(self) -> float:
        return _exponent(self.ratio, self.claimed)


def _exponent(ratio: Interval | None, right: Interval) -> float:
    if ratio is None or not (ratio.low > 0 and 0 < right.low < math.inf):
        return 0.0
    below = math.log(right.low)
    above = below + math.log(ratio.low)
    if below < 0:
        return below / above if above < 0 else math.inf
    return above / below if below > 0 else 0.0


def cases(theorem: Theorem, point: Point) -> list[Case]:
    """The cases of a theorem at a point: one for a network, one for each witness of a sample's laws.

    Raises
    ------
    InvalidArgument
        When the point makes no network, law or sample.
    UnsupportedClaim
        When the formula or the event cannot be evaluated.
    """
    if theorem.reading.gap is not None:
        return [_network_case(theorem, point)]
    found: list[Case] = []
    refused: InvalidArgument | None = None
    for place, witness in enumerate(witnesses_of(theorem.reading)):
        free = sorted(witness.parameters & {SHARE}, key=str)
        for tried in with_free([point], free, theorem.reading):
            try:
                found.append(sample_case(theorem, tried, place))
            except InvalidArgument as error:  # a member of a family, not the user's law, may be none here
                refused = refused or (None if free else error)
    if refused is not None and not found:
        raise refused
    return found


def _network_case(theorem: Theorem, point: Point) -> NetworkCase:
    gap = theorem.tail.gap
    assert gap is not None
    pruned = gap.pruned.at(point)
    inputs = None if gap.inputs is None else number_of_inputs(gap.inputs.xreplace(dict(point)))
    if inputs is not None and inputs * pruned.target.largest_state > MOST_STATES:
        most = MOST_STATES // pruned.target.largest_state
        raise InvalidArgument(
            "inputs", inputs, "is too many to run through this network in every trial", f"test at most {most:,}"
        )
    if pruned.target.size > MOST_WEIGHTS:
        raise InvalidArgument(
            "points",
            str(pruned.target),
            f"has {pruned.target.size:,} weights, too many to draw",
            "test a smaller network",
        )
    laws = each(str(layer.weights) for layer in pruned.target.layers)
    return NetworkCase(
        theorem=theorem,
        point=point,
        law=laws if inputs is None else f"{laws}; at {inputs} fixed inputs, not on the ball",
        claimed=enclose(expand_bounds(theorem.tail.claimed), point),
        # A product at one more cell costs a quarter of a weight, which is drawn and has its share in norms.
        work=(3 * pruned.target.size + pruned.target.products * _rounds(inputs)) // 4,
        pruned=pruned,
        radius=enclose(radius_of_ball(gap.radius.xreplace(dict(point)))).high,
        inputs=None if inputs is None else int(inputs),
    )


def _rounds(inputs: Expr | None) -> int:
    """How many times the inputs that a trial on the ball has."""
    return 1 if inputs is None else -(-int(inputs) // MOST_INPUTS)


def sample_case(theorem: Theorem, point: Point, place: int) -> EventCase | MomentCase:
    """The case under one witness of a sample's laws, by its place among them."""
    witness = witnesses_of(theorem.reading)[place]
    if isinstance(theorem.reading, Tail):
        return _event_case(theorem, theorem.reading, point, witness, place)
    assert isinstance(theorem.reading, Moment)
    return _moment_case(theorem, theorem.reading, point, witness, place)


def _event_case(theorem: Theorem, claim: Tail, point: Point, witness: Witness, place: int) -> EventCase:
    sample = witness.at(point)
    margin = witness.under(expand_bounds(claim.margin), point)
    _require_numbers(margin, theorem)
    fixed = claim.claimed.atoms(Expectation)
    claimed = _claimed(
        claim, witness if fixed else None, tuple(item for item in point.items() if fixed or item[0] != SHARE)
    )
    if claimed is None:
        _require_numbers(witness.under(claim.claimed, point), theorem)
        raise _no_value(theorem, witness.law(point))
    exact = exact_probability(margin, strict=claim.strict)
    return EventCase(
        theorem=theorem,
        point=point,
        law=witness.law(point),
        claimed=claimed.interval,
        work=int(sample.size),
        witness=place,
        sample=sample,
        margin=margin,
        strict=claim.strict,
        promise=claimed,
        tail=None if exact is None else Interval(max(0.0, exact.interval.low), min(1.0, exact.interval.high)),
        ratio=None if exact is None else exact.ratio_to(claimed.number),
    )


def _moment_case(theorem: Theorem, claim: Moment, point: Point, witness: Witness, place: int) -> MomentCase:
    sample = witness.at(point)
    sides = [witness.under(side, point) for side in (claim.left, claim.right)]
    for side in sides:
        _require_numbers(side, theorem)
    left, right = (value_of(side) for side in sides)
    unknown = [side for side, value in zip(sides, (left, right), strict=True) if value is None]
    if len(unknown) > 1 or not all(isinstance(side, Expectation) for side in unknown):
        raise _no_value(theorem, witness.law(point))
    ratio = None if left is None or right is None else left.ratio_to(right)
    return MomentCase(
        theorem=theorem,
        point=point,
        law=witness.law(point),
        claimed=Interval(-math.inf, math.inf) if right is None else right.beyond,
        work=int(sample.size),
        witness=place,
        sample=sample,
        left=None if left is None else left.interval,
        # Equal formulas are equal numbers, which their enclosures alone do not show.
        ratio=Interval(1.0, 1.0) if ratio is not None and sides[0] == sides[1] else ratio,
        estimated=unknown[0].argument if unknown else None,
    )


def _require_numbers(expression: Expr, theorem: Theorem) -> None:
    """Refuse a point at which a formula is no real number."""
    if expression.has(I, zoo, nan):
        raise InvalidArgument("claim", str(theorem.claim), "is no real number there", "choose another point")


def _no_value(theorem: Theorem, law: str) -> UnsupportedClaim:
    return UnsupportedClaim(f"an expectation in {theorem.claim} has no exact value under {law}; use another law")


witnesses_of = lru_cache(maxsize=256)(witnesses)


@lru_cache(maxsize=4096)
def _claimed(claim: Tail, witness: Witness | None, values: tuple[tuple[Parameter, Expr], ...]) -> Value | None:
    """The claimed probability, which all witnesses share at a point unless it holds an expectation."""
    point = dict(values)
    if witness is None:
        return formula_value(expand_bounds(claim.claimed), point)
    return value_of(witness.under(claim.claimed, point))
