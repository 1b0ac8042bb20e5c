"""Claims with an unspecified universal constant: how the ratio of their two sides grows with the parameters."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from sympy import Expr, Integer, S, oo

from boundcheck.check.cases import witnesses_of
from boundcheck.check.hypotheses import domain_words
from boundcheck.check.simulate_mean import simulate_expectation
from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.plan import draw_key
from boundcheck.formula.exact.sides import value_of
from boundcheck.formula.rigorous import Interval
from boundcheck.statement.claim import Scaling, UniversalConstant
from boundcheck.statement.domain import Point
from boundcheck.statement.randomness import Expectation
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.scaling import decide_scaling

LEAST_SIZE = 8
TOGETHER = (1, 2, 4, 8)
ALONE = (1, 4, 16, 64, 256)
"""Multiples of the least size that parameters take together, and one of them alone."""
TRIALS = 1500
MOST_WORK = 3_000_000
"""Entries that are drawn at one size, which limits the trials at large ones."""
TOLERANCE = 0.1
"""Exponents of growth up to this count as none: logarithms and effects of small sizes look like small powers."""


def directions(theorem: Theorem) -> list[list[Point]]:
    """Points at which all integer parameters grow together, and each of them alone; real ones stay where they are.

    Raises
    ------
    UnsupportedClaim
        When no integer parameter can grow.
    """
    if theorem.points is not None:
        return [list(theorem.points)]
    growing = [p for p in theorem.parameters if p.domain.integer]
    fixed = {p: _inside(p.domain.low, p.domain.high) for p in theorem.parameters if p not in growing}
    found: list[list[Point]] = []
    alone = [([p], ALONE) for p in growing] if len(growing) > 1 else []
    for moved, multiples in [(growing, TOGETHER), *alone]:
        line: list[Point] = []
        for multiple in multiples:
            point = {p: Integer(LEAST_SIZE * multiple if p in moved else LEAST_SIZE) for p in growing} | fixed
            if all(v in p.domain for p, v in point.items()) and theorem.holds_at(point):
                line.append(point)
        if len(line) >= 3:
            found.append(line)
    if not growing or not found:
        raise UnsupportedClaim(
            f"the claim {theorem.claim} has no parameter that grows over three sizes; declare integer dimensions, or "
            "name points"
        )
    return found


def _inside(low: Expr, high: Expr) -> Expr:
    if low.is_finite and high.is_finite:
        return (low + high) / 2
    return low + 1 if low.is_finite else high - 1 if high != oo else S.Zero


def observe_scaling(
    theorem: Theorem,
    /,
    *,
    trials: int | None,
    device: str,
    beta: float,
    level: float,
    **common: Any,
) -> Verdict:
    """How left over right side, with constants 1, grows over the sizes; `common` is what every verdict shares."""
    start = time.perf_counter()
    claim = theorem.reading
    assert isinstance(claim, Scaling)
    lines = directions(theorem)
    [witness] = witnesses_of(claim)[:1]
    points = list({str(point): point for line in lines for point in line}.values())
    each = beta / len(points)
    ratios: dict[str, Interval] = {}
    certain = True
    for point in points:
        left, right = (
            witness.under(side.xreplace({c: S.One for c in side.atoms(UniversalConstant)}), point)
            for side in (claim.left, claim.right)
        )
        known, below = value_of(left), value_of(right)
        if below is None or (known is None and not isinstance(left, Expectation)):
            raise UnsupportedClaim(f"the sides of {theorem.claim} cannot be measured; write E(statistic) <= C*formula")
        limits = known.interval if known is not None else None
        sample = witness.at(point)
        if limits is None:
            certain = False
            limits = simulate_expectation(
                left.argument,
                sample=sample,
                trials=trials or min(TRIALS, MOST_WORK // int(sample.size)),
                key=draw_key(common["seed"], theorem.identity, str(point)),
                device=device,
                beta=each,
            )
        if limits is None or not (limits.low > 0 and below.interval.low > 0):
            raise UnsupportedClaim(
                f"{left} has no positive confidence limits under {witness.law(point)}; try more trials"
            )
        ratios[str(point)] = Interval(limits.low / below.interval.high, limits.high / below.interval.low)
    growths = [_growth(line, [ratios[str(point)] for point in line]) for line in lines]
    return decide_scaling(
        ratios=[({p.name: str(v) for p, v in point.items()}, *ratios[str(point)]) for point in points],
        growth=(max(growth.low for growth in growths), max(growth.high for growth in growths)),
        tolerance=TOLERANCE,
        beta=None if certain else each,
        level=level,
        domain=domain_words(theorem),
        seconds=time.perf_counter() - start,
        **common,
    )


def _growth(points: list[Point], ratios: list[Interval]) -> Interval:
    """Limits of the least-squares slope of log ratio in log size, over all ratios within their limits."""
    size = np.array([math.log(max(float(v) for p, v in point.items() if p.domain.integer)) for point in points])
    weight = (size - size.mean()) / ((size - size.mean()) ** 2).sum()
    low, high = (np.log(np.array(ends)) for ends in zip(*ratios, strict=True))
    return Interval(
        float((np.where(weight > 0, low, high) * weight).sum()),
        float((np.where(weight > 0, high, low) * weight).sum()),
    )
