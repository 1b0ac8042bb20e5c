"""Refutations: a point of the domain at which a claim between formulas is false."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Rational, Symbol

from boundcheck.formula.verify.numbers import Number, between, digits_set, ends_of, words
from boundcheck.formula.verify.points import DIGITS, SIGNS, Point, holds, within
from boundcheck.formula.verify.reading import DAMAGE, complaint_of, from_tree, rational, require
from boundcheck.formula.verify.signs import zero
from boundcheck.formula.verify.trees import tuples, value_of

_DECIMAL = r"-?[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,6})?"


def refutation_complaints(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a certificate that refutes a claim at a rational point."""
    point = {name: rational(text) for name, text in data["point"].items()}
    require(point.keys() == data["domain"].keys(), "the point does not name the parameters of the claim")
    for name, side in data["domain"].items():
        require(_inside(point[name], side), f"{name} = {point[name]} is not in its domain")
    where = ", ".join(f"{name} = {value}" for name, value in point.items())
    require(_holds(data["claim"], point) is False, f"the claim is not seen to fail at {where}")
    for condition in data["conditions"]:
        require(_holds(condition, point), f"a condition of the claim is not seen to hold at {where}")
    return []


def side_complaints(data: Mapping[str, Any], shown: Mapping[str, object]) -> list[str]:
    """What is wrong with the values that a verdict shows for the sides of a claim at the point of its certificate.

    Parameters
    ----------
    data
        The certificate of a refutation.
    shown
        The values of ``left`` and ``right``: decimals, exact as "0.25" or with their error as "[0.333 +/- 4e-4]".
    """
    try:
        symbols = {("Symbol", name): rational(text) for name, text in data["point"].items()}
        _, *sides = data["claim"]
        with digits_set(DIGITS[-1]):
            for (name, text), side in zip(shown.items(), sides, strict=True):
                low, high = ends_of(value_of(tuples(side), symbols))
                bottom, top = map(ends_of, _ball(str(text)))
                if not (low <= top[1] and bottom[0] <= high):
                    return [f"the {name} side is {words(between(low, high))}, not {text}"]
    except DAMAGE as error:
        return [complaint_of(error)]
    return []


def _ball(text: str) -> tuple[Fraction, Fraction]:
    found = re.fullmatch(rf"({_DECIMAL})|\[({_DECIMAL})? ?\+/- ({_DECIMAL})\]", text)
    require(found, f"{text!r} is no value of a side")
    assert found is not None
    exact, centre, radius = (Fraction(part or 0) for part in found.groups())
    return exact + centre - radius, exact + centre + radius


def _inside(value: Any, side: Mapping[str, Any]) -> bool:
    # What is not plainly said is taken for the smaller domain.
    if side["integer"] is not False and value.denominator != 1:
        return False
    left_open, right_open = side["exclude_low"] is not False, side["exclude_high"] is not False
    with digits_set(DIGITS[-1]):
        low, high = _end(side["low"], "-oo"), _end(side["high"], "oo")
        return within(value, low, high, left_open=left_open, right_open=right_open)


def _end(tree: Any, infinite: str) -> Number | None:
    return None if tuples(tree) == (infinite,) else value_of(tuples(tree))


def _holds(relation: Any, point: Point) -> bool | None:
    name, left, right = relation
    told = holds(relation, point)
    return (0 in SIGNS[name]) if told is None and _equal(left, right, point) else told


def _equal(left: Any, right: Any, point: Point) -> bool:
    """Whether two sides that intervals do not tell apart are equal by algebra."""
    values = {Symbol(name, real=True): Rational(v.numerator, v.denominator) for name, v in point.items()}
    return zero({}, from_tree(left).xreplace(values) - from_tree(right).xreplace(values))
