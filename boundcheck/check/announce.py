"""What a run would do, before any trial of it: the most trials of each point, and how likely they decide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from boundcheck.check.cases import RARE, Budget, Case, EventCase
from boundcheck.check.options import DEFAULT_LEVEL, validate
from boundcheck.check.run import Listener, cases_to_test, require_theorems
from boundcheck.check.tilting import tilt_of
from boundcheck.check.workers import team
from boundcheck.errors import BoundcheckError, InternalError
from boundcheck.statement.claim import Analytic, Scaling
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.evidence import middle
from boundcheck.verdict.intervals import trials_to_confirm
from boundcheck.verdict.multiple import Shares
from boundcheck.verdict.power import Prospect, prospects
from boundcheck.verdict.sequential import sequential_trials_to_confirm

MULTIPLES = (0.0, 0.5, 2.0, 10.0)
"""True rates for which power is stated, in units of the claimed one."""


@dataclass(frozen=True)
class PointForecast:
    """What the trials at one point will be, and what they may come to.

    Attributes
    ----------
    parameters, law
        Where.
    how
        "simulation", "importance sampling", or "simulated mean": then the limits are fixed and no power is stated.
    claimed_low, claimed_high
        Enclosure of the claimed probability.
    target_low, target_high
        Enclosure of the rate that trials must not exceed: the claimed probability, or that over the scale of importance
        sampling.
    trials
        The most that are run, or with `sequential` false all.
    sequential
        Whether they stop where that is decided.
    beta
        Failure probability that a decision may take in any case.
    confirming
        Trials that confirm if none violates the claim; None where more would be needed than are run.
    prospects
        At rates of 0, 1/2, 2 and 10 times the claimed one, or 1 where that is less; none where nothing is claimed to be
        possible, so that the first sure violation refutes.
    """

    parameters: dict[str, str]
    law: str
    how: str
    claimed_low: float
    claimed_high: float
    target_low: float
    target_high: float
    trials: int
    sequential: bool
    beta: float
    confirming: int | None
    prospects: tuple[Prospect, ...]


@dataclass(frozen=True)
class TheoremForecast:
    """The points of a theorem that will take trials; none where proofs and exact laws decide."""

    theorem: str
    file: str | None
    growth: bool
    """Whether the claim is about growth, with fixed limits at each size."""
    points: tuple[PointForecast, ...]


@dataclass(frozen=True)
class Forecast:
    """What a run would do, and one message for each theorem that cannot be planned."""

    level: float
    tests: int
    """Decisions that rest on trials."""
    counted: int
    """Those of them that count violations."""
    theorems: tuple[TheoremForecast, ...]
    errors: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def forecast(
    theorems: Sequence[Theorem] | Theorem,
    *,
    trials: int | None = None,
    level: float = DEFAULT_LEVEL,
    report: Listener | None = None,
    workers: int = 1,
) -> Forecast:
    """What :func:`boundcheck.check.run.check_all` would do with the same arguments; no trial is run.

    Parameters
    ----------
    theorems
        Of the run, or a single one.
    trials, level, report, workers
        As for :func:`boundcheck.check.run.check_all`.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.

    Examples
    --------
    >>> from boundcheck import P, Theorem, iid, mean, sample_variance, uniform
    >>> X = iid(uniform(0, 1), 8)
    >>> found = forecast(Theorem(claim=P(mean(X) >= 9 * sample_variance(X)) <= 0.1)).theorems[0].points[0]
    >>> found.confirming, found.prospects[0].confirmed
    (48, 1.0)
    """
    theorems = [theorems] if isinstance(theorems, Theorem) else theorems
    validate(trials, level, 0, "cpu", "double")
    require_theorems(theorems)
    if report is not None:
        report("planning", 0.0)
    outlines: dict[int, _Outline] = {}
    errors = []
    with team(theorems, workers) as others:
        results = others.each(_outline, [(place, ()) for place in range(len(theorems))])
        for place, result in enumerate(results):
            if isinstance(result, _Outline):
                outlines[place] = result
            else:
                errors.append(f"{theorems[place].file}::{theorems[place].name}: {result}")
    tests = sum(outline.tests for outline in outlines.values())
    counted = sum(row.budget.counted for outline in outlines.values() for row in outline.rows)
    shares = Shares(level, tests, counted)
    found = tuple(
        TheoremForecast(
            theorem=theorems[place].name or "theorem",
            file=theorems[place].file,
            growth=isinstance(theorems[place].reading, Scaling),
            points=tuple(_point(row, trials, shares) for row in outline.rows),
        )
        for place, outline in outlines.items()
    )
    return Forecast(level, tests, counted, found, tuple(errors))


@dataclass(frozen=True)
class _Row:
    """A case that takes trials, in plain data that another process can send."""

    where: dict[str, Any]
    target: tuple[float, float]
    budget: Budget


@dataclass(frozen=True)
class _Outline:
    tests: int = 0
    rows: tuple[_Row, ...] = ()


def _outline(theorem: Theorem) -> _Outline | BoundcheckError:
    """What takes trials; a defect is an error of this theorem and does not end the run."""
    try:
        if isinstance(theorem.reading, Analytic):
            return _Outline()
        if isinstance(theorem.reading, Scaling):
            return _Outline(tests=1)
        found = [case for case in cases_to_test(theorem).cases if case.simulated]
        return _Outline(sum(case.tests for case in found), tuple(map(_row, found)))
    except BoundcheckError as error:
        return error
    except Exception as error:
        return InternalError.of(error)


def _row(case: Case) -> _Row:
    how, target = ("simulation" if case.counted else "simulated mean"), case.claimed
    if isinstance(case, EventCase) and case.claimed.high < RARE:
        tilt = tilt_of(case.margin, case.sample, case.theorem.tail.claimed.xreplace(dict(case.point)))
        if tilt is not None:
            how, target = "importance sampling", tilt.relative
    where = {
        "parameters": dict(case.parameters),
        "law": case.law,
        "how": how,
        "claimed_low": case.claimed.low,
        "claimed_high": case.claimed.high,
        "target_low": target.low,
        "target_high": target.high,
    }
    return _Row(where, (target.low, target.high), case.budget)


@lru_cache(maxsize=256)
def _prospects(
    rates: tuple[float, ...], target: tuple[float, float], beta: float, most: int, sequential: bool
) -> list[Prospect]:
    return prospects(rates, claimed=target, beta=beta, most=most, sequential=sequential)


def _point(row: _Row, trials: int | None, shares: Shares) -> PointForecast:
    budget = row.budget
    beta = shares.first if budget.counted else shares.fixed
    most, sequential = trials or budget.trials(beta), budget.sequential and trials is None
    low, high = row.target
    rate = middle(max(low, 0.0), min(high, 1.0)) if low < 1 and high > 0 else 0.0
    found: list[Prospect] = []
    confirming = None
    if budget.counted and 0 < rate < 1:
        rates = tuple(min(1.0, multiple * rate) for multiple in MULTIPLES)
        found = _prospects(rates, row.target, beta, most, sequential)
        if found[0].confirmed == 1:
            confirming = sequential_trials_to_confirm(low, beta) if sequential else trials_to_confirm(low, beta)
    return PointForecast(
        **row.where, trials=most, sequential=sequential, beta=beta, confirming=confirming, prospects=tuple(found)
    )
