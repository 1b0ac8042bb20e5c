"""Expressions in which expectations and probabilities occur, from inside out."""

from __future__ import annotations

from functools import lru_cache

from flint import arb, fmpq
from sympy import Expr, Rational, nan, oo, sqrt, zoo
from sympy.core.relational import Relational

from boundcheck.errors import BoundcheckError
from boundcheck.formula.exact.expectation import average_of
from boundcheck.formula.exact.numbers import Number, number
from boundcheck.formula.exact.tail import ExactTail, probability_of
from boundcheck.formula.rigorous import Known
from boundcheck.statement.claim import Probability
from boundcheck.statement.randomness import Expectation, Matrix, Sample, Statistic


def exact_probability(margin: Expr, *, strict: bool) -> ExactTail | None:
    """P(margin > 0), or P(margin ≥ 0) when not `strict`; None when there is no exact means.

    Parameters
    ----------
    margin
        Concrete: numbers, statistics of samples of single laws, and expectations of such.
    strict
        Whether margin = 0 is outside the event.
    """
    resolved = _resolved(margin)
    return None if resolved is None else probability_of(resolved, strict)


@lru_cache(maxsize=2048)
def exact_expectation(argument: Expr) -> Number | None:
    """The mean of a concrete expression in statistics; infinite where it is, None when there is no exact means."""
    resolved = _resolved(argument)
    try:
        return None if resolved is None else average_of(resolved)
    except BoundcheckError:
        return None


def exact_value(expression: Expr) -> Number | None:
    """A concrete expression in which expectations and probabilities occur; None when one has no exact means."""
    resolved = _resolved(expression)
    if resolved is None or resolved.atoms(Statistic) or resolved.has(nan, zoo):
        return None
    if resolved in (oo, -oo):
        return arb.pos_inf() if resolved == oo else arb.neg_inf()
    try:
        value = number(resolved)
    except BoundcheckError:
        return None
    return None if isinstance(value, arb) and value.is_nan() else value


def _resolved(e: Expr) -> Expr | None:
    """The expression with numbers for expectations and probabilities, and norms of vectors for those of matrices."""
    swap: dict[Expr, Expr] = {}
    for atom in e.atoms(Expectation, Probability, Statistic):
        if isinstance(atom, Statistic):
            if atom.kind == "spectral_norm" and isinstance(atom.sample, Matrix):
                swap.update(_vector_norm(atom, atom.sample))
            continue
        value = exact_expectation(atom.argument) if isinstance(atom, Expectation) else _chance(atom.event)
        if value is None:
            return None
        swap[atom] = _as_expression(atom, value)
    resolved = e.xreplace(swap) if swap else e
    return None if resolved.has(nan, zoo) else resolved


def _chance(event: Relational) -> Number | None:
    tail = exact_probability(event.gts - event.lts, strict=event.rel_op in ("<", ">"))
    return None if tail is None else tail.value


def _as_expression(origin: Expr, value: Number) -> Expr:
    """The value of an atom as another one."""
    if isinstance(value, fmpq):
        return Rational(int(value.p), int(value.q))
    if value.is_finite():
        return Known(origin, value)
    return nan if value.is_nan() else oo if value > 0 else -oo


def _vector_norm(atom: Statistic, matrix: Matrix) -> dict[Expr, Expr]:
    if matrix.rows != 1 and matrix.columns != 1:
        return {}
    return {atom: sqrt(Statistic("sum", Sample(matrix.laws, matrix.size, matrix.function**2)))}
