"""Points: whether they lie in a domain, and the signs of formulas there."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from boundcheck.formula.verify.numbers import Number, add, digits_set, sign_of
from boundcheck.formula.verify.reading import Unable, require
from boundcheck.formula.verify.trees import tuples, value_of

DIGITS = (60, 400, 1_000)
"""Precisions that are tried in turn, until one tells two sides apart."""

Point = Mapping[str, Fraction]
SIGNS = {"Le": (-1, 0), "Lt": (-1,), "Ge": (0, 1), "Gt": (1,), "Eq": (0,), "Ne": (-1, 1)}
"""Signs of the left side minus the right one, by relation."""


def within(value: Fraction, low: Number | None, high: Number | None, *, left_open: bool, right_open: bool) -> bool:
    """Whether a number is surely in an interval; None for an infinite end."""
    above = 1 if low is None else sign_of(add(value, -low))
    below = -1 if high is None else sign_of(add(value, -high))
    return (above == 1 or (above == 0 and not left_open)) and (below == -1 or (below == 0 and not right_open))


def sign_at(left: Any, right: Any, point: Point) -> int | None:
    """The sign of the difference of two formulas at a point; None where it cannot be told."""
    symbols = {("Symbol", name): value for name, value in point.items()}
    for digits in DIGITS:
        with digits_set(digits):
            try:
                sign = sign_of(add(value_of(tuples(left), symbols), -value_of(tuples(right), symbols)))
            except Unable:
                sign = None
        if sign is not None:
            return sign
    return None


def holds(relation: Any, point: Point) -> bool | None:
    """Whether a relation between formulas holds at a point; None where it cannot be told."""
    name, left, right = relation
    require(name in SIGNS, f"{name!r} is no relation")
    sign = sign_at(left, right, point)
    return None if sign is None else sign in SIGNS[name]


def condition_complaints(conditions: Any, point: Point) -> list[str]:
    """What is wrong with a point at which the conditions of a claim have to hold."""
    found = [holds(condition, point) for condition in conditions]
    if False in found:
        return ["a condition of the claim fails"]
    if None in found:
        raise Unable("a condition of the claim cannot be told here")
    return []
