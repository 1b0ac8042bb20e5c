"""Which inequality gives the smallest bound of each norm in a theorem, regime by regime, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Expr, Rational, oo

from boundcheck.check.describe import derived
from boundcheck.derivation.gap import GapDerivation
from boundcheck.derivation.winners import candidates_of, winners_at, winners_in_the_limit
from boundcheck.errors import UnsupportedClaim
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.notation import latex, text
from boundcheck.statement.theorem import Theorem

WIDEST = 10**6
_AMOUNTS = (Rational(3, 10), Rational(1, 2), Rational(7, 10))
_DELTA = Rational(1, 100)


def winners_of(theorem: Theorem) -> dict[str, Any]:
    """The winners for each norm of a theorem whose widths are one parameter.

    Raises
    ------
    UnsupportedClaim
        When the theorem holds no derived bound, or its network has not one width that is a parameter.
    """
    derivation = derived(theorem)
    if derivation is None:
        raise UnsupportedClaim(
            f"{theorem.name} holds no bound that boundcheck derives, so that no inequality wins in it"
        )
    widths = sorted((p for p in derivation.pruned.target.parameters if p.domain.integer), key=str)
    if len(widths) != 1:
        found = ", ".join(map(str, widths)) or "none"
        raise UnsupportedClaim(f"winners are told along one width that is a parameter, and {theorem.name} has {found}")
    [d] = widths
    amount = _amount(derivation, d)
    low, high = int(d.domain.low), int(d.domain.high) if d.domain.high < WIDEST else WIDEST
    norms = []
    for symbols, candidates in candidates_of(derivation).items():
        norms.append(
            {
                "norms": [str(s) for s in symbols],
                "at": [
                    {
                        "point": {p.name: str(value) for p, value in point.items()},
                        "winners": [
                            {"from": int(w.low), "to": int(w.high), "by": w.key}
                            for w in winners_at(candidates, d, low, high, point)
                        ],
                    }
                    for point in _points(derivation, d, amount)
                ],
                "limit": [
                    {
                        "where": str(limit.regime),
                        "by": limit.key,
                        "growth": text(limit.growth.formula(d)),
                        "growth_latex": latex(limit.growth.formula(d)),
                        "alike": list(limit.others),
                    }
                    for limit in winners_in_the_limit(candidates, d, amount)
                ],
            }
        )
    return {"theorem": theorem.name, "width": d.name, "low": low, "high": high, "norms": norms}


def _amount(derivation: GapDerivation, d: Parameter) -> Parameter | None:
    """The parameter that says how much is pruned, in (0, 1)."""
    found = set().union(*(rule.parameters for rule in derivation.pruned.rules if rule)) - {d}
    inside = [p for p in found if not p.domain.integer and p.domain.low == 0 and p.domain.high == 1]
    return inside[0] if len(inside) == 1 else None


def _points(derivation: GapDerivation, d: Parameter, amount: Parameter | None) -> Iterator[Point]:
    others = sorted(derivation.parameters - {d} - ({amount} if amount else set()), key=str)
    point: dict[Parameter, Expr] = {p: _usual(p, derivation) for p in others}
    if amount is None:
        yield point
        return
    for value in _AMOUNTS:
        yield {amount: value, **point}


def _usual(p: Parameter, derivation: GapDerivation) -> Expr:
    """A value for a parameter that is not the width: 1/100 for delta, else one inside the domain."""
    if p in derivation.ledger.delta.free_symbols and _DELTA in p.domain:
        return _DELTA
    low, high = p.domain.low, p.domain.high
    if p.domain.integer:
        return low if low.is_finite else high
    if high == oo:
        return low + 1 if low.is_finite else Rational(1)
    return (low + high) / 2 if low.is_finite else high - 1
