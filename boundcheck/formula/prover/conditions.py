"""Side conditions become changes of variables: t ≤ g turns into t = low + w (g - low) with w in [0, 1]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Expr, Integer, Rational, Symbol, oo

from boundcheck.formula.prover.algebra import definite, expression, factors
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.derivative import derivative
from boundcheck.formula.prover.kinks import KINKS
from boundcheck.formula.rigorous import Unwieldy, put

Included = Mapping[Symbol, tuple[bool, bool]]
"""Whether a symbol's domain holds its ends; both, where it is not listed."""


@dataclass(frozen=True)
class Substitution:
    """`symbol` = `value` in the new symbol `fresh`, whose side is in the new box; from the given condition."""

    symbol: Symbol
    value: Expr
    fresh: Symbol
    condition: int


@dataclass(frozen=True)
class Region:
    """A box and the substitutions that map it onto a set that holds every point allowed by the conditions."""

    box: Box
    substitutions: tuple[Substitution, ...] = ()
    emptied_by: int | None = None
    """The condition that leaves no point, if one does."""

    def apply(self, e: Expr) -> Expr:
        """The expression in the box's symbols."""
        for s in self.substitutions:
            e = put(e, {s.symbol: s.value})
        return e


@dataclass(frozen=True)
class _Bound:
    symbol: Symbol
    value: Expr
    upper: bool


def eliminate(box: Box, differences: Sequence[Expr], included: Included) -> Region:
    """Use each condition `difference` ≥ 0 to bound one symbol; one that bounds none is dropped: more is asked then."""
    region = Region(box)
    smooth = [(number, d) for number, d in enumerate(differences) if not d.has(*KINKS)]
    # Constant bounds first: they shorten the sides that the others are measured by.
    for number, difference in sorted(smooth, key=lambda item: not _is_constant_bound(item[1])):
        try:
            region = _use(region, region.apply(difference), number, included)
        except Unwieldy:
            continue
        if region.emptied_by is not None:
            break
    return region


def _is_constant_bound(difference: Expr) -> bool:
    """Whether the condition is a x + b ≥ 0 with rational a and b; an irrational bound is one for a substitution."""
    symbols = list(difference.free_symbols)
    if len(symbols) != 1 or derivative(difference, symbols[0]).is_Rational is not True:
        return False
    return difference.xreplace({symbols[0]: Integer(0)}).is_Rational is True


def _use(region: Region, difference: Expr, number: int, included: Included) -> Region:
    if _is_constant_bound(difference):
        return _shortened(region, difference, number)
    found = [b for b in _bounds(difference, region.box) if _equivalent(b, difference, region.box, included)]
    # Best is a bound that leaves all of the domain's other limits in place.
    for bound in sorted(found, key=lambda b: (not _reaches(b, region.box), not _stays(b, region.box))):
        low, high = region.box.ends[bound.symbol]
        fresh = Symbol(f"{bound.symbol.name}_", real=True)
        near = low if bound.upper else high
        side: tuple[Expr, Expr] = (Integer(0), Integer(1))
        if near.is_finite:
            value = near + fresh * (bound.value - near)
        else:
            side = (Integer(0), oo)
            value = bound.value - fresh if bound.upper else bound.value + fresh
        sides = (*region.box.face(bound.symbol).sides, (fresh, *side))
        return Region(
            Box(tuple(sorted(sides, key=lambda s: s[0].name))),
            (*region.substitutions, Substitution(bound.symbol, value, fresh, number)),
        )
    return region


def _shortened(region: Region, difference: Expr, number: int) -> Region:
    """The region within a condition a x + b ≥ 0, unless that leaves one value of x only: then more is asked."""
    [symbol] = difference.free_symbols
    rate = derivative(difference, symbol)
    bound = -difference.xreplace({symbol: Integer(0)}) / rate
    low, high = region.box.ends[symbol]
    low, high = (max(low, bound), high) if rate > 0 else (low, min(high, bound))
    if low == high:
        return region
    return replace(region, box=region.box.restrict(symbol, low, high), emptied_by=number if low > high else None)


def _bounds(difference: Expr, box: Box) -> list[_Bound]:
    """Symbols that the condition bounds: its one factor of unknown sign is linear in them."""
    coefficient, parts = factors(difference, box)
    unknown, direction = [], 1 if coefficient > 0 else -1
    for f, k in parts:
        known = definite(f, box)
        if known is not None and known.strict:
            direction *= known.value**k
        else:
            unknown.append((f, k))
    if len(unknown) != 1 or unknown[0][1] != 1:
        return []
    result = []
    [(f, _)] = unknown
    for symbol in sorted(f.free_symbols, key=str):
        lead = derivative(f, symbol)
        known = None if symbol in lead.free_symbols else definite(lead, box)
        if known is None or not known.strict:
            continue
        value = expression(factors((lead * symbol - f) / lead, box))
        if symbol not in value.free_symbols:
            result.append(_Bound(symbol, value, upper=direction * known.value < 0))
    return result


def _equivalent(bound: _Bound, difference: Expr, box: Box, included: Included) -> bool:
    """Whether the condition implies the bound on the whole domain: v (1 - t) ≥ 0 does not imply t ≤ 1 where v = 0."""
    gap = (bound.value - bound.symbol) * (1 if bound.upper else -1)
    return _positive_on_closure(expression(factors(difference / gap, box)), box, included)


def _positive_on_closure(e: Expr, box: Box, included: Included) -> bool:
    known = definite(e, box)
    if known is None or known.value < 0 or not known.strict:
        return False
    for symbol in sorted(e.free_symbols, key=str):
        for end, belongs in zip(box.ends[symbol], included.get(symbol, (True, True)), strict=True):
            if belongs and end.is_finite:
                value = e.xreplace({symbol: end})
                if not value.is_finite and not value.free_symbols:
                    return False
                if value.has(sympy.zoo, sympy.nan) or not _positive_on_closure(value, box.face(symbol), included):
                    return False
    return True


def _reaches(bound: _Bound, box: Box) -> bool:
    """Whether the bound lies beyond the symbol's own end everywhere, so that the region does not pass that end."""
    low, high = box.ends[bound.symbol]
    near, gap = (low, bound.value - low) if bound.upper else (high, high - bound.value)
    return not near.is_finite or _nonnegative(gap, box.face(bound.symbol))


def _stays(bound: _Bound, box: Box) -> bool:
    """Whether the bound itself lies inside the symbol's side everywhere: then no region passes the other end."""
    low, high = box.ends[bound.symbol]
    far, gap = (high, high - bound.value) if bound.upper else (low, bound.value - low)
    return not far.is_finite or _nonnegative(gap, box.face(bound.symbol))


def _nonnegative(e: Expr, face: Box) -> bool:
    known = definite(e, face)
    return known is not None and known.value > 0


def outward(end: Expr, up: bool) -> Expr:
    """A rational or infinite end at or just beyond the end of a domain."""
    if end.is_Rational or end in (oo, -oo):
        return end
    near = Rational(int(sympy.floor(end * 10**12)), 10**12)
    return near + Rational(1, 10**12) if up else near
