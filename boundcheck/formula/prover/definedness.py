"""Where both sides of a claim are real numbers: a proof needs it almost everywhere on the box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy
from sympy import Expr, Symbol

from boundcheck.formula.prover.boxes import Box, samples
from boundcheck.formula.prover.descent import signs_on, split_points
from boundcheck.formula.prover.limits import regular
from boundcheck.formula.prover.program import sign_at


def defined(e: Expr, box: Box) -> bool:
    """Whether the expression is real on the open box off a nowhere dense set: poles may occur, cuts may not."""
    if e.is_Add or e.is_Mul:
        return all(defined(a, box) for a in e.args)
    if e.is_Pow and e.base is not sympy.E and e.exp.is_Integer:
        return defined(e.base, box) and (e.exp > 0 or bool(signs_on(e.base, box)))
    return regular(e, box)


def covering(e: Expr, box: Box, most: int) -> tuple[list[Box], list[Box]]:
    """Parts of the box on which the expression is known to be defined, and those where it is not known."""
    good: list[Box] = []
    open_boxes, bad = [box], list[Box]()
    while open_boxes:
        part = open_boxes.pop()
        if defined(e, part):
            good.append(part)
            continue
        hindrance = _irregular(e, part)
        if len(open_boxes) + len(good) + len(bad) + 2 > most or not hindrance.free_symbols:
            bad.append(part)
        else:
            symbol, at = next(split_points(hindrance, part.only(hindrance.free_symbols)))
            open_boxes += part.split(symbol, at)
    return good, bad


def _irregular(e: Expr, box: Box) -> Expr:
    """An innermost part that is not known to be defined and smooth."""
    return next((_irregular(a, box) for a in e.args if a.free_symbols and not regular(a, box)), e)


def _arguments(e: Expr) -> Iterator[Expr]:
    """What must not be negative: arguments of logarithms, bases of fractional and symbolic powers."""
    for part in sympy.preorder_traversal(e):
        if isinstance(part, sympy.log) or (part.is_Pow and part.base is not sympy.E and not part.exp.is_Integer):
            yield part.args[0]


def undefined_point(e: Expr, box: Box) -> Mapping[Symbol, Expr] | None:
    """A rational point at which a logarithm or a root of a negative number is taken."""
    arguments = list(_arguments(e))
    for point in samples(box, 200):
        if any(sign_at(a, point) == -1 for a in arguments):
            return point
    return None
