"""A derived bound solved for one of its arguments: a width, an amount of pruning, or the failure probability.

A float search finds the answer; a ball enclosure of the bound at the answer itself confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, S

from boundcheck.derivation.gap import gap_bound, variants
from boundcheck.errors import BoundcheckError
from boundcheck.formula.numeric import compile_expression
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.domain import Parameter, real
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import Pruned, Rule

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

MAX_WIDTH = 16_384
LEAST_DELTA = 1e-100
_CHUNK = 64
_GRID = 1000
_DIGITS = 6


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
    holds_from
        For a width: from here on every width that was tried will do.
    """

    value: Expr | None
    bound: Interval | None
    searched: tuple[Expr, Expr]
    holds_from: Expr | None = None


def bound_at(pruned: Pruned, delta: Expr, radius: Expr) -> Interval:
    """The derived bound of a network without free parameters, as :func:`boundcheck.gap_bound` chooses it."""
    return enclose(gap_bound(pruned.target, pruned, delta=delta, radius=radius).expression)


def smallest_width(pruned: Pruned, width: Parameter, epsilon: Expr, delta: Expr, radius: Expr) -> Solution:
    """The smallest width whose bound is at most epsilon, every width below it having been tried.

    The bound is not monotone in the width (counts are integers), so widths up to twice the answer are tried as well
    and `holds_from` says from where on all of them will do.
    """
    curve = _curve(pruned, width, delta, radius)
    tried = _Tried(lambda value: bound_at(pruned.at({width: value}), delta, radius), epsilon)
    for start in range(1, MAX_WIDTH, _CHUNK):
        widths = np.arange(start, start + _CHUNK, dtype=float)
        for i in np.flatnonzero(_promising(curve(widths), epsilon)):
            first = Integer(int(widths[i]))
            if (bound := tried(first)) is not None:
                last = 2 * first + _CHUNK
                later = np.arange(float(first), float(last) + 1)
                failing = np.flatnonzero(~(curve(later) <= float(epsilon)))
                holds_from = Integer(int(later[failing[-1]]) + 1) if len(failing) else first
                return Solution(first, bound, (S.One, last), holds_from if holds_from <= last else None)
    return Solution(None, None, (S.One, Integer(MAX_WIDTH)))


def largest_amount(
    pruned: Pruned, amount: Parameter, epsilon: Expr, delta: Expr, radius: Expr, *, most: int | None
) -> Solution:
    """The amount that removes most while the bound is at most epsilon.

    Parameters
    ----------
    most
        For a count: the largest one, that all layers bear. None for a fraction or for alpha, both in [0, 1], which are
        searched on a grid of thousandths and by bisection to six decimals after the last of them that will do.
    """
    curve = _curve(pruned, amount, delta, radius)
    tried = _Tried(lambda value: bound_at(pruned.at({amount: value}), delta, radius), epsilon)
    unit, top = (S.One, most) if most is not None else (Rational(1, _GRID), _GRID)
    decreasing = amount.name == "alpha"  # a larger alpha removes less
    first, last = (1, top - 1) if decreasing else (0, top)
    stride = max(1, (last - first) // _GRID)
    steps = sorted({*range(first, last + 1, stride), last}, reverse=not decreasing)
    values = curve(np.array([float(step * unit) for step in steps]))
    searched = (first * unit, last * unit)
    for i in np.flatnonzero(_promising(values, epsilon)):
        found = steps[i] * unit
        if (bound := tried(found)) is None:
            continue
        if i > 0:
            found, bound = _refined(tried, found, bound, steps[i - 1] * unit, integer=most is not None)
        return Solution(found, bound, searched)
    return Solution(None, None, searched)


def smallest_delta(pruned: Pruned, epsilon: Expr, radius: Expr) -> Solution:
    """The smallest failure probability at which the bound is at most epsilon, to six digits.

    With a larger share every candidate shrinks, so that the bound decreases in delta.
    """
    delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
    curve = _curve(pruned, delta, delta, radius)
    tried = _Tried(lambda value: bound_at(pruned, value, radius), epsilon)
    exponents = np.linspace(np.log10(LEAST_DELTA), 0, 2 * _GRID)
    exponents[-1] = np.log10(1 - 10.0**-_DIGITS)  # 1 itself is no failure probability
    searched = (Rational(str(LEAST_DELTA)), S.One)
    values = curve(10.0**exponents)
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


class _Tried:
    """Whether the bound at a value is at most epsilon, by enclosures."""

    def __init__(self, bound: Callable[[Expr], Interval], epsilon: Expr) -> None:
        self.bound = bound
        self.epsilon = epsilon

    def __call__(self, value: Expr) -> Interval | None:
        try:
            found = self.bound(value)
        except BoundcheckError:  # no network, or no bound, at this value
            return None
        return found if Rational(found.high) <= self.epsilon else None


def _curve(pruned: Pruned, unknown: Parameter, delta: Expr, radius: Expr) -> Curve:
    """The bound as a float function of the unknown: the smallest of its variants.

    A layer that loses nothing, or everything, rests on other events, so that each such case has formulas of its own.
    """
    layers = list(zip(pruned.target.layers, pruned.rules, strict=True))
    removed = [compile_expression(pruned.removed(i), [unknown]) for i in range(len(layers))]
    sizes = [compile_expression(layer.size, [unknown]) for layer, _ in layers]

    @cache
    def compiled(cases: tuple[str, ...]) -> list[Curve]:
        rules = tuple(_in_case(rule, layer, case) for (layer, rule), case in zip(layers, cases, strict=True))
        derived = variants(Pruned(pruned.target, rules), delta, radius)
        return [compile_expression(found.expression, [unknown]) for found in derived]

    def smallest(values: Floats) -> Floats:
        lost, whole = ([np.broadcast_to(f(values), values.shape) for f in found] for found in (removed, sizes))
        cases = np.where(np.equal(lost, 0), "none", np.where(np.equal(lost, whole), "all", "some")).T
        smallest = np.empty(values.shape)
        for case in np.unique(cases, axis=0):
            there = (cases == case).all(axis=1)
            results: Any = [np.broadcast_to(f(values[there]), int(there.sum())) for f in compiled(tuple(case.tolist()))]
            smallest[there] = np.fmin.reduce(results)
        return smallest

    return smallest


def _in_case(rule: Rule | None, layer: Layer, case: str) -> Rule | None:
    """The rule where it removes none, some or all of a layer."""
    if rule is None or case == "none":
        return None
    if case == "all":
        return replace(rule, unit="count", amount=layer.outputs if rule.structured else layer.size)
    return rule


def _promising(values: Floats, epsilon: Expr) -> NDArray[np.bool_]:
    """Where floats are at most epsilon, up to their own error (that of quantiles is near 1e-9)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values <= float(epsilon) * (1 + 1e-7))


def _refined(tried: _Tried, good: Expr, bound: Interval, bad: Expr, *, integer: bool) -> tuple[Expr, Interval]:
    """The value nearest to one that will not do that bisection finds, from one that will."""
    scale = 1 if integer else 10**_DIGITS
    near, far = int(good * scale), int(bad * scale)
    while abs(near - far) > 1:
        middle = (near + far) // 2
        if (closer := tried(Rational(middle, scale))) is not None:
            near, bound = middle, closer
        else:
            far = middle
    return Rational(near, scale), bound


def _decimal(value: float, rounding: str) -> Rational:
    return Rational(str(Context(prec=_DIGITS, rounding=rounding).create_decimal(Decimal(value))))
