"""A derived bound solved for one of its arguments: a width, an amount of pruning, or the failure probability.

Where there are few values, floats are tried at each, with a margin, and a ball enclosure of the bound at the answer
confirms it. Where there are many, enclosures of the bound on whole ranges of values exclude those that will not do
(:mod:`boundcheck.derivation.search`), and single values are decided by an enclosure each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cache
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, S

from boundcheck.derivation.gap import gap_bound, variants
from boundcheck.derivation.search import Spanned, above, first_small, small_from
from boundcheck.derivation.sweep import curve, in_case
from boundcheck.errors import BoundcheckError
from boundcheck.formula.prover.ranges import spans
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.domain import Parameter, real
from boundcheck.statement.pruning import Pruned

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

MAX_WIDTH = 10**12
EACH = 256
"""Widths up to this one are tried one by one."""
LEAST_DELTA = 1e-100
_CHUNK = 64
_STEPS_ABOVE = 60
"""Ranges of widths above the smallest that are looked at, to find from where on all will do."""
_GRID = 1000
_DIGITS = 6
_MOST_CASES = 16


@dataclass(frozen=True)
class Solution:
    """The best value of an unknown for which the bound is at most epsilon, as far as was searched.

    Attributes
    ----------
    value
        Exact, or None where no value that was tried will do.
    bound
        Enclosure of the bound there.
    searched
        The least and the largest value that were tried.
    holds_from, holds_to
        For a width: from one to the other every width will do.
    excluded
        The last value, in the order of the search, such that it and all before it are known not to do: the one next to
        `value`, unless enclosures leave some open. None where that is known of none, or there are none before.
    known_by
        What that rests on: "floats" at each value; "enclosures" of the bound on ranges; or "both": enclosures, with the
        moments of smaller matrices in floats, with a margin.
    """

    value: Expr | None
    bound: Interval | None
    searched: tuple[Expr, Expr]
    holds_from: Expr | None = None
    holds_to: Expr | None = None
    excluded: Expr | None = None
    known_by: str = "floats"


def bound_at(pruned: Pruned, delta: Expr, radius: Expr) -> Interval:
    """The derived bound of a network without free parameters, as :func:`boundcheck.gap_bound` chooses it."""
    return enclose(gap_bound(pruned.target, pruned, delta=delta, radius=radius).expression)


def smallest_width(pruned: Pruned, width: Parameter, epsilon: Expr, delta: Expr, radius: Expr) -> Solution:
    """The smallest width whose bound is at most epsilon.

    Up to :data:`EACH` every width is tried; the bound is not monotone in the width (counts are integers), so widths up
    to twice the answer are tried as well and `holds_from` says from where on all of them will do. Beyond, enclosures on
    ranges exclude smaller widths, and show that larger ones will do, up to :data:`MAX_WIDTH` or twice the answer.
    """
    found_at = _curve(pruned, width, delta, radius)
    tried = _Tried(lambda value: bound_at(pruned.at({width: value}), delta, radius), epsilon)
    for start in range(1, min(EACH, MAX_WIDTH), _CHUNK):
        widths = np.arange(start, start + _CHUNK, dtype=float)
        for i in np.flatnonzero(_promising(found_at(widths), epsilon)):
            first = Integer(int(widths[i]))
            if (bound := tried(first)) is not None:
                last = 2 * first + _CHUNK
                later = np.arange(float(first), float(last) + 1)
                failing = np.flatnonzero(~(found_at(later) <= float(epsilon)))
                holds_from = Integer(int(later[failing[-1]]) + 1) if len(failing) else first
                excluded = first - 1 if first > 1 else None
                if holds_from > last:
                    return Solution(first, bound, (S.One, last), excluded=excluded)
                spanned = _spanned(pruned, width, epsilon, delta, radius)
                beyond, _ = small_from(spanned, epsilon, int(last) + 1, MAX_WIDTH)
                holds_to = Integer(MAX_WIDTH) if beyond == last + 1 else last
                return Solution(first, bound, (S.One, last), holds_from, holds_to, excluded)
    if MAX_WIDTH <= EACH:
        return Solution(None, None, (S.One, Integer(MAX_WIDTH)), excluded=Integer(MAX_WIDTH))
    spanned = _spanned(pruned, width, epsilon, delta, radius)
    found = first_small(
        spanned, lambda d: tried(Integer(d)), epsilon, EACH + 1, MAX_WIDTH, ruled_out=lambda: tried.above
    )
    excluded = Integer(EACH if found.excluded is None else found.excluded)
    known_by = "both"  # widths up to EACH were tried in floats
    if found.value is None:
        return Solution(None, None, (S.One, Integer(MAX_WIDTH)), excluded=excluded, known_by=known_by)
    last = Integer(max(MAX_WIDTH, 2 * found.value))
    above_it, _ = small_from(spanned, epsilon, found.value, int(last), steps=_STEPS_ABOVE)
    holds_from, holds_to = (None, None) if above_it is None else (Integer(above_it), last)
    return Solution(Integer(found.value), found.bound, (S.One, last), holds_from, holds_to, excluded, known_by)


def largest_amount(
    pruned: Pruned, amount: Parameter, epsilon: Expr, delta: Expr, radius: Expr, *, most: int | None
) -> Solution:
    """The amount that removes most while the bound is at most epsilon.

    Parameters
    ----------
    most
        For a count: the largest one, that all layers bear; of all counts the largest that will do is found. None for a
        fraction or for alpha: of all multiples of 10⁻⁶, in [0, 1] or in [0.001, 0.999], the one that removes most is
        found.
    """
    unit = S.One if most is not None else Rational(1, 10**_DIGITS)
    top = most if most is not None else 10**_DIGITS
    decreasing = amount.name == "alpha"  # a larger alpha removes less
    first, last = (top // _GRID, top - top // _GRID) if decreasing else (top, 0)
    tried = _Tried(lambda value: bound_at(pruned.at({amount: value}), delta, radius), epsilon)
    searched = (min(first, last) * unit, max(first, last) * unit)
    if most is not None and most <= _GRID:
        found_at = _curve(pruned, amount, delta, radius)
        values = found_at(np.arange(top, -1, -1, dtype=float))
        for i in np.flatnonzero(_promising(values, epsilon)):
            if (bound := tried(Integer(top - int(i)))) is not None:
                excluded = Integer(top - int(i) + 1) if i > 0 else None
                return Solution(Integer(top - int(i)), bound, searched, excluded=excluded)
        return Solution(None, None, searched, excluded=S.Zero)
    spanned = _spanned(pruned, amount, epsilon, delta, radius, unit)
    found = first_small(spanned, lambda i: tried(i * unit), epsilon, first, last, ruled_out=lambda: tried.above)
    excluded_at = None if found.excluded is None else found.excluded * unit
    known_by = "both" if found.floats else "enclosures"
    if found.value is None:
        return Solution(None, None, searched, excluded=excluded_at, known_by=known_by)
    return Solution(found.value * unit, found.bound, searched, excluded=excluded_at, known_by=known_by)


def smallest_delta(pruned: Pruned, epsilon: Expr, radius: Expr) -> Solution:
    """The smallest failure probability at which the bound is at most epsilon, to six digits.

    The bound decreases in delta, so that bisection finds it: the shares are multiples of delta, and every candidate is
    a sum or product of functions that decrease in their share (:mod:`boundcheck.formula.prover.ranges`).
    """
    delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
    found_at = _curve(pruned, delta, delta, radius)
    tried = _Tried(lambda value: bound_at(pruned, value, radius), epsilon)
    exponents = np.linspace(np.log10(LEAST_DELTA), 0, 2 * _GRID)
    exponents[-1] = np.log10(1 - 10.0**-_DIGITS)  # 1 itself is no failure probability
    searched = (Rational(str(LEAST_DELTA)), S.One)
    values = found_at(10.0**exponents)
    for i in np.flatnonzero(_promising(values, epsilon)):
        high = _decimal(10.0 ** exponents[i], ROUND_CEILING) if i > 0 else searched[0]
        if high >= 1 or (bound := tried(high)) is None:
            continue
        low = _decimal(10.0 ** exponents[i - 1], ROUND_FLOOR) if i > 0 else high
        while i > 0 and (middle := _decimal(float((low * high) ** Rational(1, 2)), ROUND_CEILING)) < high:
            if (closer := tried(middle)) is not None:
                high, bound = middle, closer
            else:
                low = middle
        return Solution(high, bound, searched)
    return Solution(None, None, searched)


def _spanned(
    pruned: Pruned, unknown: Parameter, epsilon: Expr, delta: Expr, radius: Expr, unit: Expr = S.One
) -> Spanned:
    """Encloses the smallest of the derived bounds while the unknown runs over multiples of a unit from one to another.

    A layer that loses nothing, or everything, rests on other events, as in :func:`boundcheck.derivation.sweep.curve`;
    where a range leaves open which it is, all cases that are possible are enclosed.
    """
    layers = list(zip(pruned.target.layers, pruned.rules, strict=True))
    counts = [expression for i, (layer, _) in enumerate(layers) for expression in (pruned.removed(i), layer.size)]

    @cache
    def derived(cases: tuple[str, ...]) -> list[Expr]:
        rules = tuple(in_case(rule, layer, case) for (layer, rule), case in zip(layers, cases, strict=True))
        return [found.expression for found in variants(Pruned(pruned.target, rules), delta, radius)]

    def spanned(first: int, last: int, side: int) -> tuple[Interval, bool]:
        ends = {unknown: (first * unit, last * unit)}
        sizes = [span.values for span in spans(counts, ends)]
        possible = []
        for removed, size in zip(sizes[::2], sizes[1::2], strict=True):
            cases = ["none"] if removed.low <= 0 else []
            cases += ["all"] if removed.high >= size.low else []
            cases += ["some"] if removed.high > 0 and removed.low < size.high else []
            possible.append(cases)
        if prod(map(len, possible)) > _MOST_CASES:
            return Interval(float("-inf"), float("inf")), False
        for coarse in (True, False):  # tight enclosures only where fast ones do not decide
            found = [spans(derived(together), ends, side=side, coarse=coarse) for together in product(*possible)]
            values = Interval(
                min(span.values.low for case in found for span in case),
                max(min(span.values.high for span in case) for case in found),
            )
            decided = above(values.low, epsilon) if side < 0 else not above(values.high, epsilon)
            if decided or not any(span.coarse for case in found for span in case):
                break
        return values, any(span.small for case in found for span in case)

    return spanned


class _Tried:
    """Whether the bound at a value is at most epsilon, by enclosures."""

    def __init__(self, bound: Callable[[Expr], Interval], epsilon: Expr) -> None:
        self.bound = bound
        self.epsilon = epsilon
        self.above = False
        """Whether the bound at the last value lies above epsilon for sure."""

    def __call__(self, value: Expr) -> Interval | None:
        try:
            found = self.bound(value)
        except BoundcheckError:  # no network, or no bound, at this value
            self.above = False
            return None
        self.above = Rational(found.low) > self.epsilon
        return found if Rational(found.high) <= self.epsilon else None


def _curve(pruned: Pruned, unknown: Parameter, delta: Expr, radius: Expr) -> Curve:
    """The bound as a float function of the unknown: the smallest of its variants."""
    return curve(pruned, [unknown], delta, radius)


def _promising(values: Floats, epsilon: Expr) -> NDArray[np.bool_]:
    """Where floats are at most epsilon, up to their own error (that of quantiles is near 1e-9)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values <= float(epsilon) * (1 + 1e-7))


def _decimal(value: float, rounding: str) -> Rational:
    return Rational(str(Context(prec=_DIGITS, rounding=rounding).create_decimal(Decimal(value))))
