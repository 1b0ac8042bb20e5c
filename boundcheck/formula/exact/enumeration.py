"""Probabilities and expectations as sums over a discrete space."""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq
from sympy import Expr

from boundcheck.formula.exact.growth import growth
from boundcheck.formula.exact.numbers import Number, probability
from boundcheck.formula.exact.program import Program, compiled
from boundcheck.formula.exact.spaces import AtomSpace, Space
from boundcheck.formula.rigorous import Known, precision

_MORE_BITS = (640, 2560)
_MOST_PROOFS = 200
"""Points at which SymPy is asked whether a margin is 0."""


def chance_by_enumeration(space: Space, margin: Expr, *, strict: bool) -> Number | None:
    """P(margin > 0), or ≥ when not strict; None where the margin is not a number at some point."""
    program = compiled(margin, space.statistics)
    total: Number = fmpq(0)
    doubtful: list[tuple[Any, Number]] = []
    for point, values, weight in space.points():
        inside = _inside(program(values), strict)
        if inside is None:
            doubtful.append((point, weight))
        elif inside:
            total = total + weight
    open_: Number = space.beyond()
    for place, (point, weight) in enumerate(doubtful):
        inside = _decided(space, program, margin, point, strict, prove=place < _MOST_PROOFS)
        if inside is None:
            open_ = open_ + weight
        elif inside:
            total = total + weight
    if open_ == 0:
        return probability(total)
    return probability(arb(total).union(arb(total + open_)))


def _inside(value: Number, strict: bool) -> bool | None:
    if value > 0:
        return True
    if value < 0:
        return False
    return not strict if value == 0 else None


def _decided(space: Space, program: Program, margin: Expr, point: Any, strict: bool, *, prove: bool) -> bool | None:
    for bits in _MORE_BITS:
        with precision(bits):
            value = program(space.values(point))
        inside = _inside(value, strict)
        if inside is not None:
            return inside
        if isinstance(value, arb) and not value.is_finite():
            return None
    exact = space.exactly(point) if prove and not margin.has(Known) else None
    zero = exact is not None and margin.xreplace(exact).equals(0)
    return not strict if zero else None


def average_by_enumeration(space: Space, argument: Expr) -> Number | None:
    """The expectation of an expression in the statistics of a discrete space."""
    program = compiled(argument, space.statistics)
    total: Number = fmpq(0)
    for _, values, weight in space.points():
        if weight == 0:
            continue
        total = total + weight * program(values)
    if not isinstance(total, fmpq) and total.is_nan():
        return None
    if space.beyond() == 0:
        return total
    rest = _rest(space, argument)
    return None if rest is None else arb(total) + arb(0, 1) * rest


def _rest(space: Space, argument: Expr) -> arb | None:
    """An upper bound of what the atoms beyond the listed ones contribute."""
    further = space.atoms.further() if isinstance(space, AtomSpace) else None
    if not isinstance(space, AtomSpace) or further is None:
        return None
    atoms = space.atoms
    last = arb(atoms.values()[-1])
    step = arb(atoms.values()[-1] - atoms.values()[-2])
    bound = growth(argument, space.statistics[0], side=1 if step > 0 else -1)
    if bound is None or not bound.square <= 0 or not abs(last) > 1 or not last * step > 0:
        return None
    # Each further atom contributes at most this factor times the one before.
    factor = further.ratio * (1 + abs(step / last)) ** bound.power * (bound.linear.max(arb(0)) * abs(step)).exp()
    if not factor < 1:
        return None
    return (further.last * bound.at(last) * factor / (1 - factor)).upper()
