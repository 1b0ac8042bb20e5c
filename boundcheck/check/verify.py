"""Re-checking what `boundcheck check --json` printed: each certificate anew, and that it belongs to its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal

from boundcheck.errors import InvalidArgument
from boundcheck.formula.verify import NotRechecked, side_complaints, statement_of, verify_certificate, verify_exact
from boundcheck.formula.verify.reading import DAMAGE, complaint_of
from boundcheck.verdict.point import Status

_REMEDY = "pass what `boundcheck check --json` printed"
_KEYS: dict[str, type | UnionType] = {
    "theorem": str,
    "file": str | None,
    "status": str,
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
    """What was verified, as the certificate states it: a record only names a theorem."""


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
    certificate = record["certificate"]
    about = (record["theorem"], record["file"], record["status"])
    if certificate is None:
        return Verification(*about, "nothing to verify", ())
    kind = certificate.get("kind", "analytic")
    if kind not in ("exact", "analytic"):
        raise InvalidArgument(f"{name}.certificate.kind", kind, "is no kind of certificate known here", _REMEDY)
    exact = kind == "exact"
    disagreements = _of_cases(record, certificate) if exact else _of_numbers(record, certificate)
    complaints = disagreements or (verify_exact if exact else verify_certificate)(certificate)
    claim = None
    if not complaints:
        try:
            claim = statement_of(certificate)
        except DAMAGE as error:
            complaints = [complaint_of(error)]
    law = certificate["cases"][0]["law"] if exact and record["status"] == Status.REFUTED and not complaints else None
    return Verification(*about, _outcome(complaints), tuple(map(str, complaints)), law, claim)


def _outcome(complaints: Sequence[str]) -> Outcome:
    if not complaints:
        return "verified"
    return "nothing to verify" if all(isinstance(c, NotRechecked) for c in complaints) else "rejected"


def _of_numbers(record: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[str]:
    """What a verdict on numbers and its certificate do not agree on."""
    shown = Status.REFUTED if "point" in certificate else Status.PROVED
    where = record["counterexample"]
    if record["status"] != shown:
        return [f"the certificate is of {shown}, the verdict is {record['status']}"]
    if (where is None) != (shown is Status.PROVED):
        return ["the verdict has a counterexample exactly where it should have none"]
    if where is None:
        return []
    if certificate.get("point") != where.get("parameters"):
        return [f"the certificate refutes at {certificate.get('point')}, the verdict at {where.get('parameters')}"]
    return side_complaints(certificate, {"left": where.get("left"), "right": where.get("right")})


def _of_cases(record: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[str]:
    """What a verdict by exact laws and its certificate do not agree on."""
    conclusion = {Status.PROVED: "proved", Status.REFUTED: "refuted"}.get(record["status"])
    if certificate.get("conclusion") != conclusion:
        return [f"the certificate is of a claim {certificate.get('conclusion')}, the verdict is {record['status']}"]
    cases, points = certificate.get("cases"), record["points"]
    if not isinstance(cases, list) or not all(isinstance(item, Mapping) for item in (*cases, *points)):
        return ["the certificate is damaged"]
    if conclusion == "refuted":
        where = record["counterexample"]
        if not isinstance(where, Mapping):
            return ["the verdict has no counterexample"]
        points = [point for point in points if all(point.get(key) == where.get(key) for key in ("parameters", "law"))]
        sides = {"limit_low": "limit_low", "limit_high": "limit_high", "claimed": "claimed_high"}
        if any(where.get(one) != point.get(other) for point in points for one, other in sides.items()):
            return ["the counterexample is not the point that was tested"]
    elif record["counterexample"] is not None:
        return ["the verdict is a proof and has a counterexample"]
    if len(cases) != len(points):
        return [f"the certificate has {len(cases)} cases, the verdict {len(points)} points that it rests on"]
    status = Status.REFUTED if conclusion == "refuted" else Status.CONFIRMED
    for case, point in zip(cases, points, strict=True):
        shown = {
            "parameters": point.get("parameters"),
            "law": point.get("law"),
            "left": [point.get("limit_low"), point.get("limit_high")],
            "right": [point.get("claimed_low"), point.get("claimed_high")],
        }
        for key, value in shown.items():
            if case.get(key) != value:
                return [f"{key}: the certificate has {case.get(key)}, the verdict {value}"]
        if point.get("status") != status:
            return [f"a point that the verdict rests on is {point.get('status')}"]
    return []
