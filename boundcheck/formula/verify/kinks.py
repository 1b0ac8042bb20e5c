"""Proofs by cases, one for each argument that |·|, min or max may take as its value."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Abs, Expr, Max, Min

from boundcheck.formula.verify.reading import require

_KINKS = (Abs, Max, Min)


class Choice(NamedTuple):
    """A kink has a value exactly where all conditions are ≥ 0."""

    kink: Expr
    value: Expr
    conditions: tuple[Expr, ...]


def choices(kink: Expr) -> list[Choice]:
    """Every value that |a|, max(a, b, …) or min(a, b, …) may have; at each point one of them holds."""
    require(isinstance(kink, _KINKS) and not any(a.has(*_KINKS) for a in kink.args), f"{kink} has no cases")
    if isinstance(kink, Abs):
        return [Choice(kink, a, (a,)) for a in (kink.args[0], -kink.args[0])]
    sign = 1 if isinstance(kink, Max) else -1
    return [Choice(kink, a, tuple(sign * (a - b) for b in kink.args if b != a)) for a in kink.args]
