"""One batch of one point: a pure function of plain data, wherever it is run."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundcheck.check.campaign.subjects import DELTA, named_theorem, network_theorem, stamp
from boundcheck.check.cases import NetworkCase, cases
from boundcheck.check.evidence import plan_of
from boundcheck.check.gaps import gap_evidence
from boundcheck.check.options import package_version
from boundcheck.check.run import check_all, refutation_expected
from boundcheck.errors import BoundcheckError, InternalError, InvalidArgument
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.device import device_module
from boundcheck.experiment.measure import network_parts
from boundcheck.report.record import plain, record
from boundcheck.statement.domain import exact
from boundcheck.verdict.evidence import PointEvidence

Job = Mapping[str, Any]
"""kind, spec, start, trials: of the batch; level: of its point; folder, device, version and files: of the campaign."""


def run_batch(job: Job) -> dict[str, Any]:
    """Run a batch.

    Parameters
    ----------
    job
        Plain data; see :data:`Job`.

    Returns
    -------
    trials, violations and open: counts; result: what was seen, as JSON has it; gaps and certificates: float64 bytes,
    one number a trial, or None; seconds and worker: of this run. Where the point cannot be tested, result has an error.

    Raises
    ------
    InvalidArgument
        When this place is not the one that the campaign was planned at: another version, or another file, or no such
        device. What a place lacks says nothing about the point, and is kept nowhere.
    """
    began = time.perf_counter()
    _require_same(job)
    try:
        found = (_of_network if job["kind"] == "network" else _of_theorem)(job)
    except InternalError:
        raise
    except BoundcheckError as error:
        found = {**_nothing(), "result": {"error": str(error)}}
    return {**found, "seconds": time.perf_counter() - began, "worker": f"{socket.gethostname()}:{os.getpid()}"}


def _nothing() -> dict[str, Any]:
    return {"trials": 0, "violations": 0, "open": 0, "gaps": None, "certificates": None}


def _require_same(job: Job) -> None:
    if job["version"] != package_version():
        raise InvalidArgument(
            "version", package_version(), f"is not the campaign's, which is {job['version']}", "install the same one"
        )
    device_module(job["device"])
    named = [job["spec"].get("cnn"), (job["spec"].get("theorem") or "").partition("::")[0]]
    for name in named:
        if name in job["files"]:
            path = Path(job["folder"]) / name
            try:
                digest = _digest(str(path), stamp(job["folder"], name))
            except OSError as error:
                raise InvalidArgument("file", str(path), f"cannot be read ({error.strerror})", "copy it here") from None
            if digest != job["files"][name]:
                raise InvalidArgument("file", str(path), "is not the one that the campaign began with", "restore it")
    if job["kind"] == "sample":  # it was found when the campaign was planned; here a module may be missing
        named_theorem(job["spec"]["theorem"], job["folder"])


@lru_cache(maxsize=256)
def _digest(path: str, _: Any) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


# Networks -------------------------------------------------------------------------------------------
class _Ready(NamedTuple):
    """A network's case and plan, which all batches of a point share."""

    case: NetworkCase
    plan: NetworkPlan
    evidence: PointEvidence


@lru_cache(maxsize=64)
def _case(folder: str, _: Any, spec: tuple[tuple[str, Any], ...]) -> NetworkCase:
    """The case of a point, which points that differ in the seed share: its threshold takes long to evaluate."""
    theorem = network_theorem(dict(spec), folder)
    [case] = cases(theorem, theorem.point({DELTA: dict(spec)["delta"]}))
    assert isinstance(case, NetworkCase)
    return case


@lru_cache(maxsize=64)
def _ready(folder: str, changed: Any, spec: tuple[tuple[str, Any], ...]) -> _Ready:
    given = dict(spec)
    case = _case(folder, changed, tuple(item for item in spec if item[0] not in ("seed", "precision", "looks")))
    delta = exact("delta", given["delta"])
    evidence = PointEvidence(
        parameters=case.parameters,
        law=case.law,
        claimed_low=case.claimed.low,
        claimed_high=case.claimed.high,
        claimed_exact=str(delta) if delta.is_Rational else None,
        seed=given["seed"],
        bound=repr(case.threshold.high),
        precision=given["precision"],
    )
    return _Ready(case, plan_of(case, given["seed"], given["precision"]), evidence)


def _of_network(job: Job) -> dict[str, Any]:
    case, plan, evidence = _ready(
        job["folder"], stamp(job["folder"], job["spec"].get("cnn")), tuple(job["spec"].items())
    )
    start, end = job["start"], job["start"] + job["trials"]
    gaps: list[NDArray[np.float64]] = []
    certificates: list[NDArray[np.float64]] = []

    def keep(gap: NDArray[np.float64], certificate: NDArray[np.float64]) -> None:
        gaps.append(gap)
        certificates.append(certificate)

    parts = network_parts(plan, end, device=job["device"], start=start)
    device = replace(evidence, device=job["device"])
    seen = gap_evidence(case, device, plan, parts, None, start=start, always=job["spec"]["looks"], each=keep)
    found = {key: value for key, value in vars(seen).items() if key not in ("ladder", "closer")}
    found["ladder"] = None if seen.ladder is None else vars(seen.ladder)
    found["closer"] = None if seen.closer is None else vars(seen.closer)
    return {
        "trials": seen.trials,
        "violations": seen.violations,
        "open": seen.open,
        "result": plain(found),
        "gaps": np.concatenate(gaps).astype("<f8").tobytes(),
        "certificates": np.concatenate(certificates).astype("<f8").tobytes(),
    }


# Theorems -------------------------------------------------------------------------------------------
def _of_theorem(job: Job) -> dict[str, Any]:
    """A theorem at one point, or at those that boundcheck chooses, checked as `boundcheck check` does."""
    spec = job["spec"]
    theorem = named_theorem(spec["theorem"], job["folder"])
    expected = refutation_expected(theorem)
    if "::" in spec["theorem"]:  # which is the same on every machine
        theorem = replace(theorem, file=spec["theorem"].partition("::")[0])
    if spec["parameters"]:
        theorem = replace(theorem, points=[spec["parameters"]])
    options = {"seed": spec["seed"], "trials": spec["trials"], "precision": spec["precision"]}
    outcome = check_all([theorem], level=job["level"], device=job["device"], **options)
    for _, error in outcome.failures:
        raise error
    # Where the file is, is known here; its name alone would be looked for where this process happens to run.
    found = record(replace(outcome.verdicts[0], refutation_expected=expected))
    found.pop("seconds")  # all else is the same in every run
    points: Any = found["points"]
    counts = {key: sum(point[key] or 0 for point in points) for key in ("trials", "violations", "open")}
    return {**_nothing(), **counts, "result": found}
