"""One theorem at one parameter point under one law: what is claimed there, in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

from sympy import Expr

from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import InvalidArgument
from boundcheck.formula.event import Event, read_event
from boundcheck.formula.exact import exact_tail
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.claim import Tail
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.pruning import Pruned, radius_of_ball
from boundcheck.statement.randomness import Sample, Statistic
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.intervals import trials_to_confirm

MOST_WEIGHTS = 100_000_000
"""Networks with more weights are refused rather than run out of memory."""
TOLERATED = 3
"""Violations that the default number of trials can bear and still confirm."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What every case has: its place, its claim, and the work of one trial."""

    theorem: Theorem
    point: Point
    law: str
    claimed: Interval
    work: int
    """Weights or variables of one trial."""

    least_trials: ClassVar[int]
    most_work: ClassVar[int]
    """Weights or variables drawn at one point unless the user gives the number of trials."""

    @property
    def simulated(self) -> bool:
        """Whether the case takes trials."""
        return True

    @property
    def cost(self) -> int:
        """Rough cost of a trial, for the progress bar."""
        return self.work

    @property
    def label(self) -> str:
        """The point and law in words: what the draws are keyed by."""
        values = ", ".join(f"{p.name}={v}" for p, v in sorted(self.point.items(), key=lambda item: item[0].name))
        return f"{values}; {self.law}"

    def default_trials(self, beta: float) -> int:
        """Enough to confirm despite a few violations, within the work that a run should take."""
        affordable = max(1, self.most_work // max(1, self.work))
        decidable = 1 / affordable < self.claimed.low < 1
        wanted = trials_to_confirm(self.claimed.low, beta, TOLERATED) if decidable else 0
        return min(max(wanted, self.least_trials), affordable)


@dataclass(frozen=True, kw_only=True)
class NetworkCase(Case):
    """The gap of a network without free parameters, and the threshold that it is claimed to stay below."""

    pruned: Pruned
    radius: float
    """A float at or above the radius of the input ball."""
    threshold: Interval

    least_trials = 100
    most_work = 150_000_000

    @property
    def cost(self) -> int:
        """Each weight takes part in forward passes and norms."""
        return 20 * self.work


@dataclass(frozen=True, kw_only=True)
class StatisticCase(Case):
    """A statistic of a sample of single laws, and the event that is claimed to be rare."""

    witness: int
    """Place of the sample among the witnesses of its families."""
    statistic: Statistic
    event: Event
    levels: tuple[Interval, ...]
    """Enclosures of the levels of the event's half-lines."""
    tail: Interval | None
    """The probability, where the law of the statistic is known."""
    ratio: Interval | None
    """The probability over the claimed one."""

    least_trials = 50_000
    most_work = 100_000_000

    @property
    def simulated(self) -> bool:
        """Whether the case takes trials."""
        return self.tail is None

    @property
    def tightness(self) -> float:
        """At least this much of the claimed probability is used up; 0 where it is not known or the claim is vacuous."""
        return 0.0 if self.ratio is None or self.claimed.low >= 1 else self.ratio.low


def cases(theorem: Theorem, point: Point) -> list[Case]:
    """The cases of a theorem at a point: one for a network, one for each witness of a sample's laws.

    Raises
    ------
    InvalidArgument
        When the point makes no network, law or sample.
    UnsupportedClaim
        When the formula or the event cannot be evaluated.
    """
    if theorem.tail.gap is not None:
        return [_network_case(theorem, point)]
    count = len(_claim_at(theorem.tail, tuple(point.items())).witnesses)
    return [statistic_case(theorem, point, witness) for witness in range(count)]


def _network_case(theorem: Theorem, point: Point) -> NetworkCase:
    gap = theorem.tail.gap
    assert gap is not None
    pruned = gap.pruned.at(point)
    if pruned.target.size > MOST_WEIGHTS:
        raise InvalidArgument(
            "points",
            str(pruned.target),
            f"has {pruned.target.size:,} weights, too many to draw",
            "test a smaller network",
        )
    return NetworkCase(
        theorem=theorem,
        point=point,
        law=_words(str(layer.weights) for layer in pruned.target.layers),
        claimed=enclose(expand_bounds(theorem.tail.claimed), point),
        work=pruned.target.size,
        pruned=pruned,
        radius=enclose(radius_of_ball(gap.radius.xreplace(dict(point)))).high,
        threshold=enclose(expand_bounds(theorem.tail.threshold()), point),
    )


def statistic_case(theorem: Theorem, point: Point, witness: int) -> StatisticCase:
    """The case under one witness of a sample's laws, by its place among them."""
    tail = theorem.tail
    claim = _claim_at(tail, tuple(point.items()))
    sample = claim.witnesses[witness]
    margin, statistic = tail.margin_at(point, sample)
    event = read_event(expand_bounds(margin), statistic, strict=tail.strict)
    exact = exact_tail(event, statistic)
    return StatisticCase(
        theorem=theorem,
        point=point,
        law=_words(str(law) for law in sample.laws),
        claimed=claim.enclosure,
        work=int(sample.size),
        witness=witness,
        statistic=statistic,
        event=event,
        levels=tuple(enclose(line.level) for line in event.lines),
        tail=None if exact is None else exact.interval,
        ratio=None if exact is None else exact.ratio_to(claim.probability),
    )


class _Claim(NamedTuple):
    """What all witnesses share at a point."""

    witnesses: tuple[Sample, ...]
    probability: Expr
    enclosure: Interval


@lru_cache(maxsize=1024)
def _claim_at(tail: Tail, values: tuple[tuple[Parameter, Expr], ...]) -> _Claim:
    point = dict(values)
    assert tail.sample is not None
    probability = expand_bounds(tail.claimed).xreplace(point)
    return _Claim(tail.sample.at(point).witnesses(), probability, enclose(probability))


def _words(laws: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(laws))
