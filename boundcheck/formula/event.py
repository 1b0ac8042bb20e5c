"""Events about one statistic, read as half-lines, s ≥ level or s ≤ level, or as what lies between two of them."""

from __future__ import annotations

from typing import NamedTuple

import sympy
from sympy import Abs, Expr, S

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.rigorous import compare
from boundcheck.statement.randomness import Statistic


class HalfLine(NamedTuple):
    """The values s ≥ level of a statistic, or s ≤ level when not `upper`."""

    upper: bool
    level: Expr


class Event(NamedTuple):
    """The union of half-lines, which are disjoint or whose union is certain; or what they leave when `between`.

    The levels are outside a strict event and inside another.
    """

    lines: tuple[HalfLine, ...]
    between: bool
    strict: bool


def read_event(margin: Expr, statistic: Statistic, *, strict: bool) -> Event:
    """The event margin > 0, or margin ≥ 0 when not `strict`.

    Parameters
    ----------
    margin
        slope·s - threshold, or outer·|slope·s - centre| - threshold; all but s numbers.
    statistic
        The statistic s.
    strict
        Whether margin = 0 is outside the event.

    Raises
    ------
    UnsupportedClaim
        When the margin is neither: what it says about s cannot be told for certain.
    InvalidArgument
        When s drops out of it.
    """
    distances = [a for a in margin.atoms(Abs) if a.has(statistic)]
    if not distances:
        return Event((_half_line(margin, statistic),), False, strict)
    distance, rest = distances[0], margin.xreplace({distances[0]: S.Zero})
    outer = margin.xreplace({distance: S.One}) - rest
    sign = None if outer.has(statistic) else compare(outer, S.Zero)
    # A statistic outside the modulus could turn both half-lines to the same side, so that they overlap.
    if len(distances) > 1 or margin != outer * distance + rest or not sign or rest.has(statistic):
        raise _unreadable(margin)
    lines = tuple(_half_line(sign * (outer * side * distance.args[0] + rest), statistic) for side in (1, -1))
    return Event(lines, sign < 0, strict)


def _half_line(margin: Expr, statistic: Statistic) -> HalfLine:
    # Structure decides, not values: floor(s) and s³ - 3s² + 3s agree with s at 0, 1 and 2.
    s = sympy.Symbol("s", real=True)
    expanded = margin.xreplace({statistic: s}).expand()
    slope, rest = expanded.coeff(s, 1), expanded.coeff(s, 0)
    if slope.has(s) or rest.has(s) or expanded != (slope * s + rest).expand():
        raise _unreadable(margin)
    if expanded.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        raise _unreadable(margin)
    sign = compare(slope, S.Zero)
    if not sign:
        raise InvalidArgument("event", str(margin), "does not depend on what is random", "choose another point")
    return HalfLine(sign > 0, -rest / slope)


def _unreadable(margin: Expr) -> UnsupportedClaim:
    return UnsupportedClaim(
        f"the event {margin} >= 0 is neither slope*statistic >= threshold nor abs(slope*statistic - centre) >= "
        "threshold; write it so"
    )
