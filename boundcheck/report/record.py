"""Verdicts as JSON: plain dictionaries, and strictly valid text."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Iterable, Mapping
from typing import SupportsIndex

from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.evidence import CloserTrials, Ladder, Scaling, ScalingPoint, middle
from boundcheck.verdict.point import PointVerdict


def record(verdict: Verdict) -> dict[str, object]:
    """Everything a verdict says, as values that JSON has.

    Probabilities are numbers; where a number is exact it is also given as a string (``claimed_exact``,
    ``observed_exact``, ``parameters``, ``bound``). An infinite number becomes the string ``"inf"``, one that
    is not known null.

    Parameters
    ----------
    verdict
        The verdict on one theorem.

    Returns
    -------
    dict
        The keys theorem, file, status, vacuous, level, seed, device and precision (null without trials of a network),
        seconds, version, method, claim, formula (of the claim, as LaTeX and MathML), random, domain, points, scaling,
        counterexample, certificate (each null without one), ablations (null where no hypothesis was dropped),
        refutation_expected, as_expected and note.
    """
    return {
        "theorem": verdict.theorem,
        "file": verdict.file,
        "status": str(verdict.status),
        "vacuous": verdict.vacuous,
        "level": verdict.level,
        "seed": verdict.seed,
        "device": verdict.device,
        "precision": verdict.precision,
        "seconds": plain(verdict.seconds),
        "version": verdict.version,
        "method": verdict.method,
        "claim": verdict.claim,
        "formula": plain(verdict.formula) if verdict.formula else None,
        "random": plain(verdict.random),
        "domain": verdict.domain,
        "points": [
            *map(_point, verdict.points),
            *map(_scaling_point, verdict.scaling.points if verdict.scaling else ()),
        ],
        "scaling": _scaling(verdict.scaling),
        "counterexample": plain(verdict.counterexample),
        "certificate": plain(verdict.certificate),
        "ablations": [plain(vars(item)) for item in verdict.ablations] or None,
        "refutation_expected": verdict.refutation_expected,
        "as_expected": verdict.as_expected,
        "note": verdict.note,
    }


def dump(verdicts: Iterable[Verdict]) -> str:
    """One JSON document, a list with the record of each verdict; no NaN or Infinity tokens."""
    return json.dumps([record(verdict) for verdict in verdicts], indent=2, allow_nan=False)


def _point(point: PointVerdict) -> dict[str, object]:
    evidence = point.evidence
    return {
        "parameters": {name: str(value) for name, value in evidence.parameters.items()},
        "law": evidence.law,
        "status": str(point.status),
        "quantity": evidence.quantity,
        "claimed": plain(middle(evidence.claimed_low, evidence.claimed_high)),
        "claimed_low": plain(evidence.claimed_low),
        "claimed_high": plain(evidence.claimed_high),
        "claimed_exact": evidence.claimed_exact,
        "observed": plain(point.observed),
        "observed_exact": f"{evidence.violations}/{evidence.trials}" if evidence.trials else None,
        "exact": evidence.exact,
        "ratio_low": plain(point.ratio_low),
        "ratio_high": plain(point.ratio_high),
        "limit_low": plain(point.limit_low),
        "limit_high": plain(point.limit_high),
        "beta": point.beta,
        "trials": int(evidence.trials),
        "violations": int(evidence.violations),
        "open": int(evidence.open),
        "sequential": evidence.sequential,
        "estimated": int(evidence.estimated),
        "scale_low": plain(evidence.scale_low),
        "scale_high": plain(evidence.scale_high),
        "relative_low": plain(evidence.relative_low),
        "relative_high": plain(evidence.relative_high),
        "needed": point.needed,
        "bound": evidence.bound,
        "ladder": _ladder(evidence.ladder),
        "closer": _closer(evidence.closer),
        "vacuous": point.vacuous,
        "seed": plain(evidence.seed),
        "first_violation": plain(evidence.first_violation),
        "reason": point.reason,
    }


def _scaling_point(point: ScalingPoint) -> dict[str, object]:
    """The keys that every point has: where the constant is unspecified, the ratio takes the place of the left side."""
    return {
        "parameters": {name: str(value) for name, value in point.parameters.items()},
        "law": None,
        "quantity": "ratio",
        "claimed": None,
        "observed": plain(middle(point.ratio_low, point.ratio_high)),
        "limit_low": plain(point.ratio_low),
        "limit_high": plain(point.ratio_high),
        "beta": point.beta,
        "trials": None,
        "violations": None,
        "open": None,
    }


def _scaling(scaling: Scaling | None) -> dict[str, object] | None:
    if scaling is None:
        return None
    return {
        "growth_low": plain(scaling.growth_low),
        "growth_high": plain(scaling.growth_high),
        "tolerance": scaling.tolerance,
    }


def _ladder(ladder: Ladder | None) -> dict[str, object] | None:
    if ladder is None:
        return None
    return {
        "observed": plain(ladder.observed),
        "certificate": plain(ladder.certificate),
        "bound": plain(ladder.bound),
        "recursion_ratio": plain(ladder.recursion_ratio),
        "concentration_ratio": plain(ladder.concentration_ratio),
    }


def _closer(closer: CloserTrials | None) -> dict[str, object] | None:
    if closer is None:
        return None
    return {
        "trials": closer.trials,
        "sampled": plain(closer.sampled),
        "climbed": plain(closer.climbed),
        "recursion": plain(closer.recursion),
        "certificate": plain(closer.certificate),
        "gain": plain(closer.gain),
        "ratio": plain(closer.ratio),
    }


def plain(value: object) -> object:
    """The nearest thing JSON has; an exact number that it lacks (a fraction) becomes its string."""
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, which this room does not import
        return plain(value.tolist())
    if isinstance(value, SupportsIndex):
        return operator.index(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else str(value)
    return str(value)
