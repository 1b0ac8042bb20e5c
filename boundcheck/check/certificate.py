"""What a verdict by exact laws rests on, as plain data that :mod:`boundcheck.formula.verify` re-checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sympy
from sympy import Expr

from boundcheck.check.cases import Case, EventCase, MomentCase, witnesses_of
from boundcheck.derivation.gap import expand_bounds
from boundcheck.errors import UnsupportedClaim
from boundcheck.report.record import plain
from boundcheck.statement.claim import Claim, Moment, Probability, Tail
from boundcheck.statement.domain import Domain
from boundcheck.statement.families import Family
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.laws import VALUE, Affine, Law
from boundcheck.statement.randomness import (
    Expectation,
    Matrix,
    Occupancy,
    Sample,
    Statistic,
    StoppedWalk,
    Unknown,
    WithoutReplacement,
)
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import PointVerdict, Status

KINDS = {"sum", "mean", "maximum", "minimum", "order", "variance", "empty"}
FUNCTIONS: dict[Any, str] = {
    sympy.Add: "Add",
    sympy.Mul: "Mul",
    sympy.Pow: "Pow",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "Abs",
    sympy.Min: "Min",
    sympy.Max: "Max",
    Least: "Min",
    Greatest: "Max",
    sympy.floor: "floor",
    sympy.ceiling: "ceiling",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.atan: "atan",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    sympy.erfinv: "erfinv",
}
RELATIONS: dict[Any, str] = {
    sympy.Le: "Le",
    sympy.Lt: "Lt",
    sympy.Ge: "Ge",
    sympy.Gt: "Gt",
    sympy.Eq: "Eq",
    sympy.Ne: "Ne",
}


def exact_certificate(cases: Sequence[Case], verdict: Verdict) -> dict[str, Any] | None:
    """The certificate of a verdict that exact laws prove or refute; None where there is none.

    Parameters
    ----------
    cases
        What was tested, in the order of the verdict's points.
    verdict
        The verdict; only a proof by exact laws, or a refutation by one at its counterexample, has a certificate.

    Returns
    -------
    ``claim``, trees with symbols for parameters; ``domain`` and ``conditions``, what a proof covers; ``cases``, where
    the claim was evaluated: values of the parameters, the sample where the claim is about a family or an unknown
    statistic, and enclosures of both sides.
    """
    found = list(zip(cases, verdict.points, strict=True))
    if verdict.status is Status.REFUTED and verdict.counterexample is not None:
        counterexample = verdict.counterexample
        found = [
            (case, point)
            for case, point in found
            if case.law == counterexample["law"] and dict(case.parameters) == counterexample["parameters"]
        ][:1]
    elif verdict.status is not Status.PROVED:
        return None
    if not found or any(case.simulated for case, _ in found):
        return None
    theorem = found[0][0].theorem
    try:
        return {
            "kind": "exact",
            "conclusion": "proved" if verdict.status is Status.PROVED else "refuted",
            "claim": _claim(theorem.reading),
            "domain": {p.name: _domain(p.domain) for p in theorem.parameters},
            "conditions": [[RELATIONS[type(c)], _tree(c.lhs), _tree(c.rhs)] for c in theorem.conditions],
            "cases": [_case(case, point) for case, point in found],
        }
    except UnsupportedClaim:
        return None


def _domain(domain: Domain) -> list[str]:
    if any(end.is_finite and not end.is_Rational for end in (domain.low, domain.high)):
        raise UnsupportedClaim(f"the domain {domain} has an irrational end, which certificates do not have")
    kind = ("(" if domain.exclude_low else "[") + (")" if domain.exclude_high else "]")
    return [str(domain.low), str(domain.high), "integer" if domain.integer else kind]


def _claim(claim: Claim) -> dict[str, Any]:
    about: dict[str, Any] = (
        {} if claim.sample is None or claim.unknown is not None else {"sample": _sample(claim.sample)}
    )
    if isinstance(claim, Tail):
        sides: dict[str, Any] = {"margin": claim.margin, "claimed": claim.claimed}
        about["strict"] = claim.strict
    elif isinstance(claim, Moment):
        sides = {"left": claim.left, "right": claim.right}
    else:
        raise UnsupportedClaim("such a claim rests on no exact law; give it no certificate")
    return about | {name: _tree(expand_bounds(side)) for name, side in sides.items()}


def _case(case: Case, point: PointVerdict) -> dict[str, Any]:
    if not isinstance(case, EventCase | MomentCase) or not all(
        value.is_Rational for parameter, value in case.point.items() if parameter.name in case.parameters
    ):
        raise UnsupportedClaim("a point that is not rational has no certificate; name another one")
    evidence = point.evidence
    found: dict[str, Any] = {
        "parameters": dict(case.parameters),
        "law": case.law,
        "left": plain([evidence.tail_low, evidence.tail_high]),
        "right": plain([evidence.claimed_low, evidence.claimed_high]),
    }
    claim = case.theorem.reading
    witness = witnesses_of(claim)[case.witness]
    if witness.member is not None:
        found["member"] = _tree(witness.member)
    if claim.sample is None or claim.unknown is not None or claim.sample != witness.sample:
        found["sample"] = _sample(case.sample)
    return found


def _tree(e: Expr) -> list[Any]:
    """An expression as nested lists.

    Raises
    ------
    UnsupportedClaim
        When it holds what has no such form.
    """
    if e == VALUE:
        return ["Variable"]
    if e.is_Symbol:
        return ["Symbol", e.name]
    if e.is_Rational:
        return ["Rational", str(e.p), str(e.q)]
    if e is sympy.pi or e is sympy.E:
        return [str(e) if e is sympy.pi else "E"]
    if isinstance(e, Statistic) and e.kind in KINDS:
        return ["Statistic", e.kind, _tree(e.sample.function), None if e.rank is None else _tree(e.rank)]
    if isinstance(e, Unknown):
        return ["Unknown"]
    if isinstance(e, Expectation):
        return ["Expectation", _tree(e.argument)]
    if isinstance(e, Probability):
        strict = isinstance(e.event, sympy.Gt | sympy.Lt)
        return ["Probability", "strict" if strict else "weak", _tree(e.event.gts - e.event.lts)]
    if type(e) not in FUNCTIONS:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} has no form in certificates; rewrite the claim without it")
    return [FUNCTIONS[type(e)], *map(_tree, e.args)]


def _sample(sample: Sample) -> list[Any]:
    if isinstance(sample, Matrix):
        raise UnsupportedClaim(f"{sample} has no form in certificates; its norm has no exact law")
    if isinstance(sample, Occupancy):
        return ["occupancy", _tree(sample.size), _tree(sample.bins)]
    if isinstance(sample, StoppedWalk):
        return ["stopped_walk", _tree(sample.size), _tree(sample.level)]
    laws = list(map(_law, sample.laws))
    if isinstance(sample, WithoutReplacement):
        return ["without_replacement", *laws, _tree(sample.size), _tree(sample.population)]
    return ["iid", *laws, _tree(sample.size)] if sample.identical else ["independent", *laws]


def _law(law: Law) -> list[Any]:
    if isinstance(law, Family):
        return ["family", law.kind, *([name, _tree(value)] for name, value in law.arguments)]
    if isinstance(law, Affine):
        return ["affine", _law(law.law), _tree(law.scale), _tree(law.shift)]
    values = (getattr(law, f.name) for f in fields(law))
    return [law.label, *(["Tuple", *map(_tree, v)] if isinstance(v, tuple) else _tree(v) for v in values)]
