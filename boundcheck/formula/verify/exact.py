"""Verdicts that rest on exact laws, re-checked from plain data and without the code that reached them."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mpmath import mp

from boundcheck.formula.verify.families import check_member
from boundcheck.formula.verify.means import evaluated, probability
from boundcheck.formula.verify.numbers import MOST, Number, add, digits_set, ends_of, sign_of, words
from boundcheck.formula.verify.points import condition_complaints, holds, within
from boundcheck.formula.verify.reading import DAMAGE, NotRechecked, Refused, Unable, complaint_of, rational
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.trees import Tree

DIGITS, MORE_DIGITS = 60, 400
"""Precisions: the second where the first does not tell the two sides apart."""


def verify_exact(data: Mapping[str, Any]) -> list[str]:
    """Complaints about a certificate of kind "exact"; none when it is verified.

    Parameters
    ----------
    data
        ``claim``: trees of the margin and of what is claimed, or of the left and right side, with symbols for
        parameters; ``cases``: values of the parameters, the sample where it is a member of a family, and enclosures of
        both sides; ``conclusion``: "refuted" by its one case, or "proved" by cases that make up the ``domain``.
    """
    try:
        conclusion, cases = data["conclusion"], data["cases"]
        if conclusion not in ("proved", "refuted"):
            return [f"the conclusion {conclusion!r} is neither proved nor refuted"]
        if not isinstance(cases, list) or not cases or (conclusion == "refuted" and len(cases) != 1):
            return ["the certificate does not hold the cases that its conclusion rests on"]
        found = _gaps(data) if conclusion == "proved" else []
        for case in cases:
            found += _outside(data, case["parameters"])
            where = f"{', '.join(f'{name} = {value}' for name, value in case['parameters'].items())}; {case['law']}"
            found += [type(c)(f"{where}: {c}") for c in _complaints(data["claim"], case, conclusion)]
        return found
    except DAMAGE as error:
        return [complaint_of(error)]


def _complaints(claim: Mapping[str, Any], case: Mapping[str, Any], conclusion: str) -> list[str]:
    try:
        found = None
        with digits_set(DIGITS), contextlib.suppress(Unable):
            found = _at_digits(claim, case, conclusion)
        if found is None:
            with digits_set(MORE_DIGITS):
                found = _at_digits(claim, case, conclusion)
        return [NotRechecked("the two sides cannot be told apart here")] if found is None else found
    except Refused as refusal:
        return [complaint_of(refusal)]


def _at_digits(claim: Mapping[str, Any], case: Mapping[str, Any], conclusion: str) -> list[str] | None:
    """Complaints about a case; None where this many digits do not tell the sides apart."""
    left, right = _sides(claim, case)
    for name, value in (("left", left), ("right", right)):
        low, high = (mp.mpf(end) for end in case[name])
        if not (low <= ends_of(value)[1] and ends_of(value)[0] <= high):
            return [f"the {name} side is {words(value)}, not within {case[name]}"]
    above = sign_of(add(left, -right))
    if above is None or (above > 0) == (conclusion == "refuted"):
        return None if above is None else []
    return [f"the left side {words(left)} is {'above' if above > 0 else 'not above'} the right side {words(right)}"]


def _sides(claim: Mapping[str, Any], case: Mapping[str, Any]) -> tuple[Number, Number]:
    values = {name: rational(value) for name, value in case["parameters"].items()}
    member = case.get("member")

    def ground(tree: Any) -> Tree:
        """The tree as tuples, with numbers for symbols and the member for the unknown statistic."""
        if tree[0] == "Symbol":
            value = values[tree[1]]
            return ("Rational", str(value.numerator), str(value.denominator))
        if tree[0] == "Unknown":
            return ground(member)
        return tuple(ground(part) if isinstance(part, list) else part for part in tree)

    sample = Sample(ground(case["sample"] if "sample" in case else claim["sample"]))
    if "sample" in case and "sample" in claim:
        check_member(Sample(ground(claim["sample"])), sample)
    if "margin" in claim:
        left = probability(sample, ground(claim["margin"]), strict=claim["strict"])
        return left, evaluated(sample, ground(claim["claimed"]))
    return evaluated(sample, ground(claim["left"])), evaluated(sample, ground(claim["right"]))


def _gaps(data: Mapping[str, Any]) -> list[str]:
    """Complaints about points of the domain that no case is about."""
    ranges = {name: range(int(low), int(high) + 1) for name, (low, high, _) in data["domain"].items()}
    if any(kind != "integer" for _, _, kind in data["domain"].values()):
        return ["the cases do not make up the domain"]
    if math.prod(map(len, ranges.values())) > MOST:
        raise Unable("too large to re-check here: the domain")
    if any("sample" in case for case in data["cases"]):
        return ["cases under members of a family prove nothing of the family"]
    covered = {frozenset((n, rational(v)) for n, v in case["parameters"].items()) for case in data["cases"]}
    for values in itertools.product(*ranges.values()):
        point = dict(zip(ranges, map(Fraction, values), strict=True))
        if frozenset(point.items()) not in covered and all(holds(c, point) is not False for c in data["conditions"]):
            return [f"no case for {', '.join(f'{n} = {v}' for n, v in point.items()) or 'the one point of the domain'}"]
    return []


def _outside(data: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """Complaints about a point that is not in the domain, or where a condition fails."""
    point = {name: rational(value) for name, value in parameters.items()}
    found = [] if point.keys() == data["domain"].keys() else ["the point does not name the parameters of the claim"]
    for name, (*sides, kind) in data["domain"].items():
        value = point.get(name, Fraction(0))
        low, high = (
            None if end == infinite else rational(end) for end, infinite in zip(sides, ("-oo", "oo"), strict=True)
        )
        inside = within(value, low, high, left_open=kind.startswith("("), right_open=kind.endswith(")"))
        if not inside or (kind == "integer" and value.denominator != 1):
            found.append(f"{name} = {value} is not in its domain")
    return found or condition_complaints(data["conditions"], point)
