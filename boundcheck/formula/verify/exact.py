"""Verdicts that rest on exact laws, re-checked from plain data and without the code that reached them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mpmath import mp

from boundcheck.formula.verify.families import check_member, check_statistic, hypothesis
from boundcheck.formula.verify.laws import exact
from boundcheck.formula.verify.numbers import MOST
from boundcheck.formula.verify.points import Point, at, compared, holds, outside, overlap, read_point
from boundcheck.formula.verify.reading import DAMAGE, NotRechecked, Refused, Unable, complaint_of, require
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.text import read
from boundcheck.formula.verify.trees import NORM, VARIABLE, Tree, atoms_of, rebuilt, tuples, value_of

_OPPOSITE = {"Le": "Gt", "Lt": "Ge", "Ge": "Lt", "Gt": "Le"}
_ZERO, _ONE, _MINUS = (("Rational", str(k), "1") for k in (0, 1, -1))


def verify_exact(data: Mapping[str, Any]) -> list[str]:
    """Complaints about a certificate of kind "exact"; none when it is verified.

    Parameters
    ----------
    data
        ``claim``, a relation with symbols for parameters, ``sample``, what is random in it, and ``unknown``, what is
        known of a statistic that is not given; ``domain`` and ``conditions``; ``cases``: values of the parameters, the
        sample (and the ``member``, a statistic) where it is one of many, and enclosures of both sides; ``conclusion``:
        "refuted" by its one case, or "proved" by cases that make up the domain.
    """
    try:
        conclusion, cases = data["conclusion"], data["cases"]
        require(conclusion in ("proved", "refuted"), f"the conclusion {conclusion!r} is neither proved nor refuted")
        enough = isinstance(cases, list) and cases and (conclusion == "proved" or len(cases) == 1)
        require(enough, "the certificate does not hold the cases that its conclusion rests on")
        found = _gaps(data) if conclusion == "proved" else []
        for case in cases:
            where = ", ".join(f"{name} = {value}" for name, value in case["parameters"].items())
            found += [type(c)(f"{where}: {c}" if where else c) for c in _complaints(data, case)]
        return found
    except DAMAGE as error:
        return [complaint_of(error)]


def _complaints(data: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    try:
        point = read_point(case["parameters"])
        if found := outside(data, point):
            return found
        sample, member = _random(data, case, point)
        norm = NORM if sample.vector else None
        known = {("Unknown",): member, ("Statistic", "spectral_norm", VARIABLE, None): norm}
        relation = rebuilt(at(point, data["claim"]), lambda part: known.get(part))
        left, right, above = compared(*_sides(*relation), sample)
    except DAMAGE as error:
        return [complaint_of(error)]
    for name, value in (("left", left), ("right", right)):
        if not overlap(value, *map(mp.mpf, case[name])):
            return [f"the {name} side is {value}, not within {case[name]}"]
    if above is None:
        return [NotRechecked("the two sides cannot be told apart here")]
    said = f"the left side {left} is {'above' if above > 0 else 'not above'} the right side {right}"
    return [] if (above > 0) == (data["conclusion"] == "refuted") else [said]


def _random(data: Mapping[str, Any], case: Mapping[str, Any], point: Point) -> tuple[Sample, Tree | None]:
    """The sample of a case, and the statistic that stands for an unknown one, once they are what the claim is about."""
    claimed, own, unknown = data["sample"], case.get("sample"), data.get("unknown")
    sample = Sample(at(point, own or claimed or ["nothing"]))
    if own is not None and claimed is not None:
        check_member(Sample(at(point, claimed)), sample)
    name, formulas = ("", ()) if unknown is None else hypothesis(unknown)
    require(claimed or not own or name not in ("", "Lipschitz"), "the claim is about no sample")
    if unknown is None:
        return sample, None
    member = at(point, case["member"])
    check_statistic(name, [exact(at(point, read(formula))) for formula in formulas], member, sample)
    return sample, member


def _sides(name: str, left: Tree, right: Tree) -> tuple[Tree, Tree]:
    """Two formulas, the first of which is to be at most the second: what a claim at a point comes to."""
    require(name in _OPPOSITE, f"{name!r} is no inequality")
    low, high = (right, left) if name in ("Ge", "Gt") else (left, right)
    if atoms_of(low) | atoms_of(high):  # certain
        return ("Probability", (_OPPOSITE[name], left, right)), _ZERO
    require(name in ("Le", "Ge"), "a strict claim about probabilities or means is not re-checked here")
    if high[0] == "Probability" and "'Probability'" not in str(low):
        event, *sides = high[1]
        return ("Probability", (_OPPOSITE[event], *sides)), ("Add", _ONE, ("Mul", _MINUS, low))
    return low, high


def _gaps(data: Mapping[str, Any]) -> list[str]:
    """Complaints about points of the domain that no case is about."""
    if any(case.get("sample") for case in data["cases"]) or data.get("unknown"):
        raise Refused("cases under members of a family prove nothing of the family")
    ranges = {}
    for name, side in data["domain"].items():
        ends = [tuples(side[end]) for end in ("low", "high")]
        finite = side["integer"] is True and all(end[0] == "Rational" for end in ends)
        require(finite, "the cases do not make up the domain")
        low, high = (value_of(end).value for end in ends)
        ranges[name] = range(math.ceil(low), math.floor(high) + 1)
    if math.prod(map(len, ranges.values())) > MOST:
        raise Unable("too large to re-check here: the domain")
    covered = {frozenset(read_point(case["parameters"]).items()) for case in data["cases"]}
    for values in itertools.product(*ranges.values()):
        point = dict(zip(ranges, map(Fraction, values), strict=True))
        if frozenset(point.items()) not in covered and all(holds(c, point) is not False for c in data["conditions"]):
            return [f"no case for {', '.join(f'{n} = {v}' for n, v in point.items()) or 'the one point of the domain'}"]
    return []
