"""Where the end of an event meets an atom: a tail of a discrete law falls only there, and a bound is tightest there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Abs, Expr, S, floor

from boundcheck.check.cases import EventCase, MomentCase, witnesses_of
from boundcheck.derivation.gap import expand_bounds
from boundcheck.formula.exact.known import distribution_of
from boundcheck.statement.claim import Tail
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.randomness import Expectation, Statistic

_FIRST = 3
"""So many of the smallest atoms are always tried: the smallest sizes have no others."""


def at_atoms(case: EventCase | MomentCase, fixed: Sequence[Parameter] = ()) -> Iterator[Point]:
    """Points that differ in one real parameter, by which an atom close to the end of the event comes to lie on it.

    None for events that are not linear, or the modulus of what is, in a statistic on a lattice and in the parameter.
    """
    if not isinstance(case, EventCase) or case.margin.atoms(Expectation):
        return
    statistics = case.margin.atoms(Statistic)
    for p in case.point:
        kept = p in fixed or p.domain.integer or len(statistics) != 1
        slope = None if kept else _slope(case, p)
        if slope is not None:
            [statistic] = statistics
            for margin in _at_nearest_atoms(case.margin, statistic):
                moved = case.point[p] - margin / slope
                if moved.is_Rational and moved in p.domain and moved != case.point[p]:
                    yield {**case.point, p: moved}


def _slope(case: EventCase, p: Parameter) -> Expr | None:
    """By how much the margin rises with a parameter; None where it is not linear in it, or the law changes."""
    claim, witness = case.theorem.reading, witnesses_of(case.theorem.reading)[case.witness]
    assert isinstance(claim, Tail)
    if p in witness.parameters:
        return None
    others = {q: value for q, value in case.point.items() if q != p}
    slope = witness.under(expand_bounds(claim.margin), others).diff(p)
    return slope if slope.is_Rational and slope != 0 else None


def _at_nearest_atoms(margin: Expr, statistic: Statistic) -> Iterator[Expr]:
    """The margin at the atoms around where it is 0, and at the first few."""
    distribution = distribution_of(statistic)
    atoms = None if distribution is None else distribution.atoms()
    if atoms is None:
        return
    first = atoms.exact(0)
    moduli = [part for part in margin.atoms(Abs) if part.has(statistic)]
    flat = [margin.xreplace({part: sign * part.args[0]}) for part in moduli for sign in (1, -1)] or [margin]
    for side in flat:
        low, middle, high = (side.xreplace({statistic: S(k)}) for k in range(3))
        incline = middle - low
        if not (low.is_Rational and incline.is_Rational and high == middle + incline and incline != 0):
            continue
        place = floor((-low / incline - first) / atoms.step)
        if place.is_Integer:
            nearest = range(int(place) - 1, int(place) + 3)
            yield from (low + incline * (first + k * atoms.step) for k in dict.fromkeys((*nearest, *range(_FIRST))))
