"""What a verdict by exact laws rests on, as plain data that :mod:`boundcheck.formula.verify` re-checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sympy
from sympy import Basic, Float, Rational

from boundcheck.check.cases import Case, EventCase, MomentCase, witnesses_of
from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.export import to_latex
from boundcheck.formula.mathml import mathml
from boundcheck.formula.tree import FUNCTIONS, to_tree
from boundcheck.report.record import plain
from boundcheck.statement.atom import Atom
from boundcheck.statement.claim import Claim, Probability
from boundcheck.statement.domain import Domain
from boundcheck.statement.families import Family
from boundcheck.statement.functions import BetaQuantile, Greatest, Least
from boundcheck.statement.laws import VALUE, Affine, Law
from boundcheck.statement.notation import text
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
from boundcheck.statement.sympy_stats import translated
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import PointVerdict, Status

NAMES: dict[Any, str] = {kind: name for name, kind in FUNCTIONS.items()} | {
    Least: "Min",
    Greatest: "Max",
    BetaQuantile: "BetaQuantile",
    sympy.floor: "floor",
    sympy.ceiling: "ceiling",
    sympy.erfinv: "erfinv",
    sympy.Ne: "Ne",
}
"""SymPy's functions and relations in certificates."""


def in_words(theorem: Theorem) -> dict[str, Any]:
    """The claim as text, and what is random in it: samples as calls, and what is known of the rest."""
    claim = theorem.reading
    unknown, sample = claim.unknown, _sample_of(claim)
    found = {} if sample is None else {sample.symbol: _call(sample)}
    if unknown is not None:
        found[unknown.symbol] = f"any {_hypothesis(unknown)}"
    elif claim.gap is not None:
        found = {"F": str(claim.gap.pruned.target), "f": f"prune(F, {claim.gap.pruned.words})"}
        found |= {"inputs": where} if (where := claim.gap.at_inputs) else {}
    return {"claim": text(translated(theorem.claim)), "random": found}


def in_formulas(theorem: Theorem) -> dict[str, str]:
    """The claim in the notations that notebooks and pages show."""
    claim = translated(theorem.claim)
    return {"latex": to_latex(claim), "mathml": mathml(claim)}


def _sample_of(claim: Claim) -> Sample | None:
    """The sample that a claim is about; a function of one is known by it, other unknown statistics by no sample."""
    if claim.unknown is None:
        return claim.sample
    samples = {s.sample.base for member in claim.unknown.members for s in member.atoms(Statistic)}
    return samples.pop() if ": " in claim.unknown.words else None


def _hypothesis(unknown: Unknown) -> str:
    return unknown.words.partition(": ")[0]


def _call(sample: Sample) -> str:
    laws = [re.sub("^constant (.*)", r"discrete({\1: 1})", str(law)) for law in sample.laws]
    match sample:
        case Occupancy(size=balls, bins=bins):
            return f"occupancy({balls}, {bins})"
        case StoppedWalk(size=steps, level=level):
            return f"stopped_walk({steps}, {level})"
        case WithoutReplacement(size=drawn, population=population):
            return f"without_replacement({laws[0]}, {drawn}, {population})"
        case Matrix(rows=rows, columns=columns):
            return f"matrix({laws[0]}, {rows}, {columns})"
    return f"iid({laws[0]}, {sample.size})" if sample.identical else f"independent({', '.join(laws)})"


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
    ``claim`` and ``conditions``, trees with symbols for parameters; ``sample`` and ``unknown``, what is random in the
    claim; ``domain``; ``cases``, where the claim was evaluated: values of the parameters, the sample where the claim is
    about a family or an unknown statistic, and enclosures of both sides. What has no such form gives the ``reason``.
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
            **_claim(theorem),
            "domain": {p.name: _domain(p.domain) for p in theorem.parameters},
            "conditions": [_tree(c) for c in theorem.conditions],
            "cases": [_case(case, point) for case, point in found],
        }
    except UnsupportedClaim as error:
        return {"kind": "none", "reason": str(error)}


def _domain(domain: Domain) -> dict[str, Any]:
    ends = {"low": to_tree(domain.low), "high": to_tree(domain.high)}
    return ends | {"integer": domain.integer, "exclude_low": domain.exclude_low, "exclude_high": domain.exclude_high}


def _claim(theorem: Theorem) -> dict[str, Any]:
    claim = theorem.reading
    sample = _sample_of(claim)
    return {
        "claim": _tree(translated(theorem.claim)),
        "sample": None if sample is None else _sample(sample),
        "unknown": None if claim.unknown is None else _hypothesis(claim.unknown),
    }


def _case(case: Case, point: PointVerdict) -> dict[str, Any]:
    if not isinstance(case, EventCase | MomentCase) or not all(
        value.is_Rational for parameter, value in case.point.items() if parameter.name in case.parameters
    ):
        raise UnsupportedClaim("a point that is not rational has no certificate; name another one")
    evidence = point.evidence
    found: dict[str, Any] = {
        "parameters": dict(case.parameters),
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


def _tree(e: Basic) -> list[Any]:
    """An expression or a relation as nested lists.

    Raises
    ------
    UnsupportedClaim
        When it holds what has no such form.
    """
    if isinstance(e, Float):
        e = Rational(str(e))
    if e == VALUE:
        return ["Variable"]
    if e.is_Atom and not isinstance(e, Atom):
        return to_tree(e)
    if isinstance(e, Statistic):
        return ["Statistic", e.kind, _tree(e.sample.function), None if e.rank is None else _tree(e.rank)]
    if isinstance(e, Unknown):
        return ["Unknown"]
    if isinstance(e, Expectation):
        return ["Expectation", _tree(e.argument)]
    if isinstance(e, Probability):
        return ["Probability", _tree(e.event)]
    if type(e) not in NAMES:
        raise UnsupportedClaim(f"{type(e).__name__} in {e} has no form in certificates; rewrite the claim without it")
    return [NAMES[type(e)], *map(_tree, e.args)]


def _sample(sample: Sample) -> list[Any]:
    laws = list(map(_law, sample.laws))
    match sample:
        case Occupancy():
            return ["occupancy", _tree(sample.size), _tree(sample.bins)]
        case StoppedWalk():
            return ["stopped_walk", _tree(sample.size), _tree(sample.level)]
        case WithoutReplacement():
            return ["without_replacement", *laws, _tree(sample.size), _tree(sample.population)]
        case Matrix():
            return ["matrix", *laws, _tree(sample.rows), _tree(sample.columns)]
    return ["iid", *laws, _tree(sample.size)] if sample.identical else ["independent", *laws]


def _law(law: Law) -> list[Any]:
    if isinstance(law, Family):
        return ["family", law.kind, *([name, _tree(value)] for name, value in law.arguments)]
    if isinstance(law, Affine):
        return ["affine", _law(law.law), _tree(law.scale), _tree(law.shift)]
    values = (getattr(law, f.name) for f in fields(law))
    return [law.label, *(["Tuple", *map(_tree, v)] if isinstance(v, tuple) else _tree(v) for v in values)]
