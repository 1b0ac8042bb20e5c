"""Kinks of |·|, min and max: on each side of one it is one of its arguments, and claims are proved case by case."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Max, Min

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.rigorous import put

KINKS = (Abs, Max, Min)


@dataclass(frozen=True)
class Choice:
    """A kink has a value exactly where all conditions are ≥ 0."""

    kink: Expr
    value: Expr
    conditions: tuple[Expr, ...]


def innermost(*expressions: Expr) -> Expr | None:
    """The first kink without another one inside, None where there is no kink."""
    found = set().union(*(e.atoms(*KINKS) for e in expressions))
    return min((k for k in found if not any(a.has(*KINKS) for a in k.args)), key=str, default=None)


def choices(kink: Expr) -> list[Choice]:
    """Every value that a kink may have."""
    if isinstance(kink, Abs):
        return [Choice(kink, a, (a,)) for a in (kink.args[0], -kink.args[0])]
    sign = 1 if isinstance(kink, Max) else -1
    return [Choice(kink, a, tuple(sign * (a - b) for b in kink.args if b != a)) for a in kink.args]


def resolved(e: Expr, chosen: tuple[Choice, ...]) -> Expr:
    """The expression with the chosen values for kinks, one after the other."""
    for choice in chosen:
        try:
            e = put(e, {choice.kink: choice.value})
        except ValueError:
            # SymPy compares no infinite numbers that have no sign.
            raise UnsupportedClaim(f"{e} is not defined where {choice.kink} is {choice.value}") from None
    return e
