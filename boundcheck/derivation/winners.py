"""Which inequality gives the smallest bound of each norm: at numbers, and in the limit of large widths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Symbol, solve

from boundcheck.derivation.asymptotics import Growth, Regime, regimes
from boundcheck.derivation.gap import GapDerivation
from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.numeric import compile_expression
from boundcheck.statement.domain import Parameter, Point

Floats = NDArray[np.float64]

_PER_DECADE = 40


@dataclass(frozen=True)
class Winner:
    """An inequality that gives the smallest bound from one value of a parameter to another, ends included."""

    low: Expr
    high: Expr
    key: str


@dataclass(frozen=True)
class Limit:
    """The inequality whose bound is known to grow least with the width, for a parameter in an interval or at a point.

    `others` have bounds that are known to grow alike, up to a factor, smallest factor first where they are numbers.
    """

    regime: Regime
    key: str
    growth: Growth
    others: tuple[str, ...]


def candidates_of(derivation: GapDerivation) -> dict[tuple[Symbol, ...], dict[str, Expr]]:
    """Bounds of each norm by the key of their inequality, without symbols for formulas; equal norms together."""
    groups: dict[tuple[tuple[str, Expr], ...], list[Symbol]] = {}
    for i, layer in enumerate(derivation.layers, start=1):
        for letter, choice in layer.choices.items():
            written = {k: derivation.context.written_out(v) for k, v in choice.candidates.items()}
            if choice.value != 0 and len(written) > 1:
                groups.setdefault(tuple(written.items()), []).append(derivation.symbol(letter, i))
    return {tuple(symbols): dict(items) for items, symbols in groups.items()}


def winners_at(candidates: Mapping[str, Expr], parameter: Parameter, low: int, high: int, point: Point) -> list[Winner]:
    """The smallest candidate at each integer from low to high, other parameters being those of a point.

    Candidates are compared at about 40 values a decade, and between two with different winners by bisection: an
    inequality that wins nowhere but between two such values is not seen.

    Raises
    ------
    InvalidArgument
        When the point leaves a parameter open.
    """
    at_point = {key: bound.xreplace(dict(point)) for key, bound in candidates.items()}
    free = {str(s) for bound in at_point.values() for s in bound.free_symbols - {parameter}}
    if free:
        raise InvalidArgument(
            "point", {str(p): str(v) for p, v in point.items()}, f"leaves {sorted(free)} open", "give it"
        )
    keys = list(at_point)
    compiled = [compile_expression(bound, [parameter]) for bound in at_point.values()]

    def best(values: Sequence[int]) -> list[str]:
        x = np.array(values, dtype=float)
        with np.errstate(invalid="ignore"):
            found = np.array([np.broadcast_to(f(x), x.shape) for f in compiled])
        return [keys[i] for i in np.argmin(np.where(np.isnan(found), np.inf, found), axis=0)]

    count = max(2, int(_PER_DECADE * np.log10(high / low)) + 2)
    grid = sorted({*(round(x) for x in np.geomspace(low, high, count)), low, high})
    ends: list[tuple[int, str]] = []  # where a winner stops being one
    for (start, first), (end, last) in pairwise(zip(grid, best(grid), strict=True)):
        while first != last and end - start > 1:
            middle = (start + end) // 2
            [key] = best([middle])
            start, end = (middle, end) if key == first else (start, middle)
        if first != last:
            ends.append((start, first))
    ends.append((high, best([high])[0]))
    found, begin = [], low
    for end, key in ends:
        found.append(Winner(Integer(begin), Integer(end), key))
        begin = end + 1
    return found


def winners_in_the_limit(candidates: Mapping[str, Expr], d: Symbol, parameter: Symbol | None = None) -> list[Limit]:
    """The inequality whose bound is known to grow least as d → ∞, for a parameter in (0, 1), regime after regime.

    What is compared are upper bounds of growth by the rules of :mod:`boundcheck.derivation.asymptotics`, so that an
    inequality of which nothing is known does not win.
    """
    known: dict[str, list[Regime]] = {}
    for key, bound in candidates.items():
        try:
            known[key] = regimes(bound, d, parameter)
        except UnsupportedClaim:
            continue
    found = []
    for low, high in _intervals(known, parameter):
        at = (low + high) / 2
        growths = {}
        for key, options in known.items():
            regime = next((r for r in options if _holds(r, at)), None)
            if regime is not None and regime.bounds.high is not None:
                growths[key] = regime.bounds.high
        if not growths:
            continue
        order = {key: [_at(e, parameter, at) for e in growth.exponents] for key, growth in growths.items()}
        least = min(order.values())
        alike = [key for key in growths if order[key] == least]
        factors = {key: _at(growths[key].coefficient, parameter, at) for key in alike}
        if all(factor.is_number for factor in factors.values()):
            alike.sort(key=lambda key: float(factors[key]))
        first, *others = alike
        place = next(r for r in known[first] if _holds(r, at))
        found.append(Limit(Regime(place.parameter, low, high, place.bounds), first, growths[first], tuple(others)))
    return list(_merged(found))


def _holds(regime: Regime, at: Expr) -> bool:
    return regime.parameter is None or bool(regime.low < at < regime.high or regime.low == at == regime.high)


def _at(exponent: Expr, parameter: Symbol | None, value: Expr) -> Expr:
    return exponent if parameter is None else exponent.xreplace({parameter: value})


def _intervals(known: Mapping[str, Sequence[Regime]], parameter: Symbol | None) -> Iterator[tuple[Expr, Expr]]:
    """Open intervals of the parameter inside which no order changes, and the points between them."""
    if parameter is None:
        yield Integer(0), Integer(1)
        return
    cuts = {Integer(0), Integer(1)}
    for options in known.values():
        cuts |= {end for regime in options if regime.parameter is not None for end in (regime.low, regime.high)}
    every = [r.bounds.high.power for options in known.values() for r in options if r.bounds.high is not None]
    for one, other in combinations(set(every), 2):
        if (one - other).has(parameter):
            cuts |= {x for x in solve(one - other, parameter) if x.is_Rational and 0 < x < 1}
    for low, high in pairwise(sorted(cuts)):
        yield low, high
        if high != 1:
            yield high, high


def _merged(found: Sequence[Limit]) -> Iterator[Limit]:
    """Neighbours with the same winner and growth as one; the point between them goes with them."""
    pending: Limit | None = None
    for limit in found:
        same = pending is not None and (pending.key, pending.growth) == (limit.key, limit.growth)
        if pending is not None and same:
            regime = Regime(limit.regime.parameter, pending.regime.low, limit.regime.high, limit.regime.bounds)
            pending = Limit(regime, limit.key, limit.growth, limit.others)
        else:
            if pending is not None:
                yield pending
            pending = limit
    if pending is not None:
        yield pending
