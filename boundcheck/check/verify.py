"""Re-checking what `boundcheck check --json` printed: each certificate anew, and that it belongs to its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal

from boundcheck.errors import InvalidArgument
from boundcheck.formula.verify import (
    NotRechecked,
    point_complaints,
    side_complaints,
    stated,
    text_complaints,
    verify_certificate,
    verify_exact,
)
from boundcheck.verdict.point import Status

_REMEDY = "pass what `boundcheck check --json` printed"
_KEYS: dict[str, type | UnionType] = {
    "theorem": str,
    "file": str | None,
    "status": str,
    "claim": str,
    "random": Mapping,
    "domain": str | None,
    "points": list,
    "counterexample": Mapping | None,
    "certificate": Mapping | None,
}

Outcome = Literal["verified", "rejected", "nothing to verify"]


@dataclass(frozen=True)
class Verification:
    """What re-checking one verdict came to."""

    theorem: str
    file: str | None
    status: str
    outcome: Outcome
    complaints: tuple[str, ...]
    """Why it was rejected, or what could not be re-checked here."""
    law: str | None = None
    """For a refutation by an exact law: under which one."""
    claim: str | None = None
    """Where it is verified: what the certificate states."""


def verify_records(records: object) -> list[Verification]:
    """Re-check every verdict of a record that carries a certificate.

    Parameters
    ----------
    records
        The parsed document that `boundcheck check --json` printed: a list of verdicts.

    Raises
    ------
    InvalidArgument
        When it is no such document.
    """
    if not isinstance(records, list):
        raise InvalidArgument("RECORD", type(records).__name__, "is not a list of verdicts", _REMEDY)
    return [_verify(record, place) for place, record in enumerate(records)]


def _verify(record: object, place: int) -> Verification:
    name = f"RECORD[{place}]"
    if not isinstance(record, Mapping):
        raise InvalidArgument(name, type(record).__name__, "is not a verdict", _REMEDY)
    for key, kinds in _KEYS.items():
        if key not in record or not isinstance(record[key], kinds):
            raise InvalidArgument(f"{name}.{key}", record.get(key), "is missing or of the wrong type", _REMEDY)
    if record["status"] not in set(Status):
        raise InvalidArgument(f"{name}.status", record["status"], "is no status", _REMEDY)
    certificate = record["certificate"] or {"kind": "none", "reason": "the record holds no certificate"}
    kind = certificate.get("kind", "analytic")
    if kind not in ("exact", "analytic", "none"):
        raise InvalidArgument(f"{name}.certificate.kind", kind, "is no kind of certificate known here", _REMEDY)
    about = (record["theorem"], record["file"], record["status"])
    if kind == "none":
        decided = record["status"] in (Status.PROVED, Status.REFUTED)
        return Verification(*about, "nothing to verify", (str(certificate.get("reason")),) * decided)
    complaints = _disagreements(record, certificate, exact=kind == "exact")
    complaints = complaints or (verify_exact if kind == "exact" else verify_certificate)(certificate)
    if complaints:
        unable = all(isinstance(c, NotRechecked) for c in complaints)
        return Verification(*about, "nothing to verify" if unable else "rejected", tuple(map(str, complaints)))
    law = record["counterexample"].get("law") if record["status"] == Status.REFUTED else None
    return Verification(*about, "verified", (), law, stated(certificate))


def _disagreements(record: Mapping[str, Any], certificate: Mapping[str, Any], *, exact: bool) -> list[str]:
    """What a verdict and its certificate do not agree on."""
    refuted = certificate.get("conclusion") == "refuted" if exact else "point" in certificate
    shown = Status.REFUTED if refuted else Status.PROVED
    if record["status"] != shown:
        return [f"the certificate is of {shown}, the verdict is {record['status']}"]
    if (record["counterexample"] is not None) != refuted:
        return ["the verdict has a counterexample exactly where it should have none"]
    found = text_complaints(certificate, record)
    return found or (_of_cases if exact else _of_numbers)(record, certificate)


def _of_numbers(record: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[str]:
    """What a verdict on numbers and its certificate do not agree on."""
    where = record["counterexample"]
    if where is None:
        return []
    if certificate.get("point") != where.get("parameters"):
        return [f"the certificate refutes at {certificate.get('point')}, the verdict at {where.get('parameters')}"]
    return side_complaints(certificate, {"left": where.get("left"), "right": where.get("right")})


def _of_cases(record: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[str]:
    """What a verdict by exact laws and its certificate do not agree on."""
    cases, points, where = certificate.get("cases"), record["points"], record["counterexample"]
    if not isinstance(cases, list) or not all(isinstance(item, Mapping) for item in (*cases, *points)):
        return ["the certificate is damaged"]
    if where is not None:
        points = [point for point in points if all(point.get(key) == where.get(key) for key in ("parameters", "law"))]
        told = [key for point in points for key in point.keys() & where.keys() if point[key] != where[key]]
        if set(told) - {"claimed"} or any(where.get("claimed") != point.get("claimed_high") for point in points):
            return ["the counterexample is not the point that was tested"]
    if len(cases) != len(points):
        return [f"the certificate has {len(cases)} cases, the verdict {len(points)} points that it rests on"]
    status = Status.CONFIRMED if where is None else Status.REFUTED
    for case, point in zip(cases, points, strict=True):
        if point.get("status") != status:
            return [f"a point that the verdict rests on is {point.get('status')}"]
        for key, low, high in (("left", "limit_low", "limit_high"), ("right", "claimed_low", "claimed_high")):
            if case.get(key) != [point.get(low), point.get(high)]:
                return [f"{key}: the certificate has {case.get(key)}, the verdict {[point.get(low), point.get(high)]}"]
        if case.get("parameters") != point.get("parameters"):
            return [f"the certificate is of {case.get('parameters')}, the verdict of {point.get('parameters')}"]
        if found := point_complaints(certificate, case, point):
            return found
    return []
