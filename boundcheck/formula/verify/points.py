"""Points: whether they lie in a domain, how two sides compare there, and refutations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Rational, Symbol

from boundcheck.formula.verify.means import evaluated
from boundcheck.formula.verify.numbers import Number, digits_set
from boundcheck.formula.verify.reading import DAMAGE, Unable, complaint_of, from_tree, rational, require
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.signs import zero
from boundcheck.formula.verify.trees import Tree, rebuilt, tuples

DIGITS = (60, 400, 1_000)
"""Precisions that are tried in turn, until one tells two sides apart; the last one without randomness only."""
SIGNS = {"Le": (-1, 0), "Lt": (-1,), "Ge": (0, 1), "Gt": (1,), "Eq": (0,), "Ne": (-1, 1)}
"""Signs of the left side minus the right one, by relation."""
_DECIMAL = r"-?[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,6})?"

Point = Mapping[str, Fraction]


def read_point(data: Mapping[str, str]) -> Point:
    """The values of parameters."""
    return {name: rational(text) for name, text in data.items()}


def at(point: Point, tree: Any) -> Tree:
    """A tree with numbers for parameters."""

    def number(part: Tree) -> Tree | None:
        if part[0] != "Symbol":
            return None
        value = point[part[1]]
        return ("Rational", str(value.numerator), str(value.denominator))

    return rebuilt(tuples(tree), number)


def compared(left: Tree, right: Tree, sample: Sample | None = None) -> tuple[Number, Number, int | None]:
    """Both sides, and the sign of their difference; None where it cannot be told."""
    found: tuple[Number, Number, int | None] | Unable = Unable("nothing was compared")
    for digits in DIGITS if sample is None else DIGITS[:2]:
        try:
            with digits_set(digits):
                sides = [evaluated(sample or Sample(("nothing",)), side) for side in (left, right)]
                found = sides[0], sides[1], (sides[0] - sides[1]).sign
        except Unable as error:
            found = error
            continue
        if found[2] is not None:
            return found
    if isinstance(found, Unable):
        raise found
    return found


def overlap(value: Number, low: Any, high: Any) -> bool:
    """Whether a number may lie between two ends."""
    return bool(low <= value.ends[1] and value.ends[0] <= high)


def holds(relation: Any, point: Point) -> bool | None:
    """Whether a relation between formulas holds at a point; None where it cannot be told."""
    name, *sides = relation
    require(name in SIGNS, f"{name!r} is no relation")
    first, second = (at(point, side) for side in sides)
    sign = compared(first, second)[2]
    if sign is None:  # two sides that intervals do not tell apart may be equal by algebra
        values = {Symbol(name, real=True): Rational(v.numerator, v.denominator) for name, v in point.items()}
        left, right = (from_tree(side).xreplace(values) for side in sides)
        sign = 0 if zero({}, left - right) else None
    return None if sign is None else sign in SIGNS[name]


def outside(data: Mapping[str, Any], point: Point) -> list[str]:
    """What keeps a point out of the domain of a claim, or its conditions from holding there."""
    if point.keys() != data["domain"].keys():
        return ["the point does not name the parameters of the claim"]
    sides = data["domain"].items()
    found = [f"{name} = {point[name]} is not in its domain" for name, side in sides if not _inside(point[name], side)]
    told = [holds(condition, point) for condition in data["conditions"]] if not found else []
    if None in told and False not in told:
        raise Unable("a condition of the claim cannot be told here")
    return [*found, *["a condition of the claim fails"] * (False in told)]


def _inside(value: Fraction, side: Mapping[str, Any]) -> bool:
    # What is not plainly said is taken for the smaller domain.
    if side["integer"] is not False and value.denominator != 1:
        return False
    for end, excluded, infinite, outward in (
        (side["low"], side["exclude_low"], ["-oo"], -1),
        (side["high"], side["exclude_high"], ["oo"], 1),
    ):
        sign = -outward if end == infinite else compared(("Number", Number(value)), tuples(end))[2]
        if sign in (None, outward) or (sign == 0 and excluded is not False):
            return False
    return True


def refutation_complaints(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a certificate that refutes a claim at a rational point."""
    point = read_point(data["point"])
    if found := outside(data, point):
        return found
    told = holds(data["claim"], point)
    if told is None:
        raise Unable("the two sides cannot be told apart here")
    where = ", ".join(f"{name} = {value}" for name, value in point.items())
    return [f"the claim holds at {where}"] if told else []


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
        point = read_point(data["point"])
        _, left, right = data["claim"]
        values = compared(at(point, left), at(point, right))
        for (name, text), value in zip(shown.items(), values[:2], strict=True):
            if not overlap(value, *_ball(str(text))):
                return [f"the {name} side is {value}, not {text}"]
    except DAMAGE as error:
        return [complaint_of(error)]
    return []


def _ball(text: str) -> tuple[Any, Any]:
    found = re.fullmatch(rf"({_DECIMAL})|\[({_DECIMAL})? ?\+/- ({_DECIMAL})\]", text)
    require(found, f"{text!r} is no value of a side")
    exact, centre, radius = (Fraction(part or 0) for part in (found.groups() if found else ()))
    return Number(exact + centre - radius).ends[0], Number(exact + centre + radius).ends[1]
