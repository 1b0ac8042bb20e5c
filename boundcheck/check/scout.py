"""Where a claim is tightest, by floats: thousands of points for the price of a few exact ones, which then decide."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, oo

from boundcheck.check.points import LARGEST, failure_levels, levels
from boundcheck.formula.numeric import compile_expression
from boundcheck.formula.rough import Array, Evaluate, rough_sides
from boundcheck.statement.claim import Tail
from boundcheck.statement.domain import Domain, Parameter, Point
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import Witness

DRAWN = 2000
ROUNDS = 12
PARENTS = 16
CHILDREN = 12
"""Points drawn over the domain; then so many rounds, in which each of the best has so many children nearby."""
SURE = 1e-7
"""Relative excess of left over right side that floats show."""
LEAST, MOST = 1e-250, 1e250
"""Sides beyond these are left to exact arithmetic."""
DIGITS = (1, 2, 3, 6, 12)
"""Points are rounded to the fewest of these that keep what makes them worth testing."""
SEED = 20210718


def scouted(theorem: Theorem, witness: Witness, most: float) -> list[Point]:
    """A few points at which the claim looks false or tightest under a witness, of at most so many variables.

    None where floats do not tell.
    """
    parameters = tuple(sorted({*theorem.parameters, *witness.parameters}, key=str))
    sides = rough_sides(theorem.reading, witness, parameters)
    if sides is None or not parameters:
        return []
    margins = [c.gts - c.lts for c in theorem.conditions if hasattr(c, "gts")]
    if most < math.inf:
        margins.append(most - witness.sample.size)
    return _Scout(theorem, parameters, sides, [compile_expression(m, parameters) for m in margins]).best()


@dataclass
class _Scored:
    """Points as rows of parameter values, and how tight the claim is there: the larger the tighter, -inf if unknown."""

    rows: Array
    tightness: Array
    exponent: Array
    violated: NDArray[np.bool_]

    def top(self, count: int) -> list[int]:
        """The best rows by each score; those where the claim looks false first."""
        found: list[int] = []
        for score in (self.exponent, self.tightness):
            ranked = np.lexsort((score, self.violated))[::-1][:count]
            found += [int(i) for i in ranked if np.isfinite(score[i])]
        return list(dict.fromkeys(found))


class _Scout:
    def __init__(
        self,
        theorem: Theorem,
        parameters: Sequence[Parameter],
        sides: Evaluate,
        margins: Sequence[Callable[..., Array]],
    ) -> None:
        """`margins` are nonnegative where the claim is to be tested."""
        self.theorem, self.parameters, self.sides, self.margins = theorem, parameters, sides, margins
        self.random = np.random.default_rng(SEED)

    def best(self) -> list[Point]:
        """Search, and round what was found."""
        scored = self.scored(np.column_stack([self.drawn(p) for p in self.parameters]))
        steps = np.geomspace(1.0, 0.01, ROUNDS)
        for step in steps:
            parents = scored.rows[scored.top(PARENTS)]
            if not len(parents):
                return []
            scored = self.scored(np.vstack([parents, self.children(parents, float(step))]))
        return [point for row in scored.rows[scored.top(2)] if (point := self.rounded(row)) is not None]

    def scored(self, rows: Array) -> _Scored:
        values = [rows[:, i] for i in range(rows.shape[1])]
        with np.errstate(all="ignore"):
            left, right = self.sides(values)
            known = np.isfinite(left) & np.isfinite(right)
            for margin in self.margins:
                known &= margin(*values) >= 0
            compared = known & (left > LEAST) & (left < MOST) & (right > LEAST) & (right < MOST)
            if isinstance(self.theorem.reading, Tail):
                compared &= right < 1
            violated = (compared | (known & (right <= 0))) & (
                left - right > SURE * np.maximum(np.abs(left), np.abs(right))
            )
            log_left, log_right = np.log(left), np.log(right)
            exponent = np.where(right < 1, log_right / np.where(left < 1, log_left, -1e-9), log_left / log_right)
            # Ratios say nothing where the right side is not positive.
            other = np.where(violated, MOST, -np.inf)
            tightness, exponent = (np.where(compared, s, other) for s in (log_left - log_right, exponent))
            return _Scored(rows, tightness, exponent, violated)

    def drawn(self, p: Parameter) -> Array:
        """Values all over a domain: half of them from a few simple ones, some close to its ends."""
        claimed = isinstance(self.theorem.reading, Tail) and p == self.theorem.reading.claimed
        simple = failure_levels(p.domain, deep=True) if claimed else levels(p.domain, ends=True)
        share = self.random.random(DRAWN)
        kinds = [
            self.random.choice([float(x) for x in simple], DRAWN),
            self.inside(p.domain, 10.0 ** (-40 * share) if claimed else _over(p.domain, share)),
            self.inside(p.domain, _near_ends(p.domain, share)),
        ]
        return np.choose(self.random.choice([0, 0, 1, 2], DRAWN), kinds)

    def children(self, parents: Array, step: float) -> Array:
        """Points near the parents, that differ in one parameter or two."""
        rows = np.repeat(parents, CHILDREN, axis=0)
        count, width = rows.shape
        for _ in range(2):
            place = self.random.integers(width, size=count)
            moved = np.multiply(self.random.standard_normal(count), step)
            for i, p in enumerate(self.parameters):
                rows[:, i] = np.where(
                    place == i, self.inside(p.domain, _moved(p.domain, rows[:, i], moved)), rows[:, i]
                )
        return rows

    def inside(self, domain: Domain, values: Array) -> Array:
        low, high = float(domain.low), float(domain.high)
        return np.clip(np.round(values) if domain.integer else values, low, high)

    def rounded(self, row: Array) -> Point | None:
        """The point in short rationals, with as few digits as keep what makes it worth testing."""
        wanted = self.scored(row[None, :])
        for digits in DIGITS if wanted.violated[0] else DIGITS[:3]:
            point = {p: _short(p.domain, float(x), digits) for p, x in zip(self.parameters, row, strict=True)}
            got = self.scored(np.array([[float(point[p]) for p in self.parameters]]))
            kept = bool(got.violated[0]) if wanted.violated[0] else _as_good(got, wanted)
            if kept and all(value in p.domain for p, value in point.items()) and self.theorem.holds_at(point):
                return point
        return None


def _as_good(got: _Scored, wanted: _Scored) -> bool:
    pairs = ((got.tightness[0], wanted.tightness[0]), (got.exponent[0], wanted.exponent[0]))
    return all(new >= old if np.isinf(old) else new >= old - 0.05 * max(1.0, abs(old)) for new, old in pairs)


def _over(domain: Domain, share: Array) -> Array:
    """Shares of [0, 1] as values of a domain; where it is unbounded, at all scales."""
    low, high = float(domain.low), float(domain.high)
    if domain.integer and math.isfinite(low):
        unit = max(abs(low), 1.0)
        return low + (min(high - low, LARGEST * unit) + 1) ** share - 1
    if domain.integer:
        return 16 - 32 * share
    if math.isfinite(low) and math.isfinite(high):
        return low + (high - low) * share
    if math.isfinite(low):
        return low + 10.0 ** (-4 + 8 * share)
    if math.isfinite(high):
        return high - 10.0 ** (-4 + 8 * share)
    return np.where(share < 0.5, -1.0, 1.0) * 10.0 ** (-3 + 12 * np.abs(share - 0.5))


def _near_ends(domain: Domain, share: Array) -> Array:
    """Shares of [0, 1] as values close to the ends of an interval; elsewhere as values of the whole domain."""
    low, high = float(domain.low), float(domain.high)
    if domain.integer or not math.isfinite(high - low):
        return _over(domain, share)
    close = (high - low) * 10.0 ** (-12 * np.abs(2 * share - 1))
    return np.where(share < 0.5, low + close, high - close)


def _moved(domain: Domain, values: Array, moves: Array) -> Array:
    """Values whose distance from the nearer end, or from 0, is changed by a factor."""
    low, high = float(domain.low), float(domain.high)
    if domain.integer:
        return values + np.where(np.abs(moves) < 0.3, np.sign(moves), values * np.expm1(moves))
    if not math.isfinite(low) and not math.isfinite(high):
        return values * np.exp(moves)
    upper = np.full(values.shape, not math.isfinite(low)) | (high - values < values - low)
    end = np.where(upper, high, low)
    return end + (values - end) * np.exp(moves)


def _short(domain: Domain, value: float, digits: int) -> Expr:
    """A rational near a value that has so many digits, counted from the nearer end."""
    if domain.integer:
        return Integer(round(value))
    end = domain.high if domain.high != oo and value > (float(domain.low) + float(domain.high)) / 2 else domain.low
    base = end if end.is_Rational else Integer(0)
    return base + Rational(f"{value - float(base):.{digits}g}")
