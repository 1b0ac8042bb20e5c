"""From the batches of a point to its verdict: a pure function of what is stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.check.campaign.subjects import DERIVED
from boundcheck.check.options import package_version
from boundcheck.report.record import plain
from boundcheck.verdict.decide import decide
from boundcheck.verdict.evidence import CloserTrials, Ladder, PointEvidence
from boundcheck.verdict.multiple import Shares

ERROR = "ERROR"
"""Status of a point that cannot be tested."""
GAP_QUANTILES = (5, 25, 50, 75, 95, 99)
CERTIFICATE_QUANTILES = (50, 99)

Row = dict[str, Any]


def conclude(batches: Sequence[Mapping[str, Any]], level: float) -> Row:
    """The verdict on a point, as a row of a store without the point's number.

    Parameters
    ----------
    batches
        All rows of the point's batches, in order; their results as plain data.
    level
        Of the point.
    """
    errors = [batch["result"]["error"] for batch in batches if "error" in batch["result"]]
    if errors:
        return {"status": ERROR, "vacuous": 0, "note": errors[0]}
    first = batches[0]["result"]
    return _of_record(first) if "theorem" in first else _of_network(batches, level)


# Networks -------------------------------------------------------------------------------------------
def _of_network(batches: Sequence[Mapping[str, Any]], level: float) -> Row:
    merged = together([_evidence(batch["result"]) for batch in batches])
    verdict = decide(
        theorem=DERIVED,
        file=None,
        evidence=[merged],
        beta=Shares(level, 1, 1).first,
        level=level,
        seed=merged.seed or 0,
        seconds=0.0,
        version=package_version(),
    )
    [point] = verdict.points
    gaps, certificates = (
        np.concatenate([np.frombuffer(batch[key], dtype="<f8") for batch in batches])
        for key in ("gaps", "certificates")
    )
    ladder, closer = merged.ladder, merged.closer
    assert ladder is not None
    found = verdict.counterexample
    return {
        "status": str(verdict.status),
        "vacuous": int(verdict.vacuous),
        "worst": used_up_of_bound(ladder),
        "law": merged.law,
        "quantity": merged.quantity,
        "claimed_low": merged.claimed_low,
        "claimed_high": merged.claimed_high,
        "observed": point.observed,
        "limit_low": point.limit_low,
        "limit_high": point.limit_high,
        "ratio_low": point.ratio_low,
        "ratio_high": point.ratio_high,
        "exact": 0,
        "beta": point.beta,
        "trials": merged.trials,
        "violations": merged.violations,
        "open": merged.open,
        "bound": ladder.bound,
        "gap_max": ladder.observed,
        "certificate_max": ladder.certificate,
        **_quantiles("gap", gaps, GAP_QUANTILES),
        **_quantiles("certificate", certificates, CERTIFICATE_QUANTILES),
        "attack": None if closer is None else closer.climbed,
        "sure": None if closer is None else closer.certificate,
        "method": verdict.method,
        "note": point.reason,
        "details": None if found is None else json.dumps({"counterexample": plain(found)}, ensure_ascii=False),
    }


def used_up_of_bound(ladder: Ladder) -> float | None:
    """The largest gap over the bound; None where there is no such number.

    A bound of 0 is kept by a gap of 0, and nothing else of it can be used up.
    """
    if ladder.bound == 0:
        return math.inf if ladder.observed > 0 else None
    return _finite(ladder.observed / ladder.bound)


def _quantiles(name: str, values: NDArray[np.float64], which: Sequence[int]) -> Row:
    """Order statistics: the least value that at least so many per cent do not exceed."""
    found = np.quantile(values, [q / 100 for q in which], method="inverted_cdf")
    return {f"{name}_q{q:02}": float(value) for q, value in zip(which, found, strict=True)}


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value


def _evidence(result: Mapping[str, Any]) -> PointEvidence:
    """What a batch has shown, from its JSON."""
    given = dict(result)
    ladder, closer = given.pop("ladder"), given.pop("closer")
    numbers = {
        f.name: _number(given[f.name])
        for f in fields(PointEvidence)
        if f.name.endswith(("_low", "_high")) and given[f.name] is not None
    }
    return PointEvidence(
        **{**given, **numbers},
        ladder=Ladder(**{key: _number(value) for key, value in ladder.items()}),
        closer=None if closer is None else _closer(closer),
    )


def _closer(given: Mapping[str, Any]) -> CloserTrials:
    numbers = {key: _number(value) for key, value in given.items() if key != "trials"}
    return CloserTrials(trials=given["trials"], **numbers)


def _number(value: Any) -> float:
    """A float from what :func:`boundcheck.report.record.plain` makes of it."""
    return math.nan if value is None else float(value)


def together(parts: Sequence[PointEvidence]) -> PointEvidence:
    """What consecutive batches of the trials at one point show together.

    Parameters
    ----------
    parts
        Of one network and claim, with ladders; at least one.
    """
    first = parts[0]
    ladders = [part.ladder for part in parts if part.ladder is not None]
    looks = [part.closer for part in parts if part.closer is not None]
    own = {f.name: getattr(first, f.name) for f in fields(PointEvidence)}
    return PointEvidence(
        **{
            **own,
            "trials": sum(part.trials for part in parts),
            "violations": sum(part.violations for part in parts),
            "open": sum(part.open for part in parts),
            "ladder": Ladder(
                observed=_largest(one.observed for one in ladders),
                certificate=_largest(one.certificate for one in ladders),
                bound=first.ladder.bound if first.ladder else math.nan,
            ),
            "closer": _all_looks(looks) if looks else None,
            "vacuous": all(part.vacuous for part in parts),
            "first_violation": next((p.first_violation for p in parts if p.first_violation is not None), None),
        }
    )


def _largest(values: Iterable[float]) -> float:
    """The largest; not known where one of them is not, in whatever batch that is."""
    return float(np.max(list(values)))


def _all_looks(looks: Sequence[CloserTrials]) -> CloserTrials:
    largest = {
        name: _largest(getattr(look, name) for look in looks)
        for name in ("sampled", "climbed", "recursion", "certificate")
    }
    return CloserTrials(trials=sum(look.trials for look in looks), **largest)


# Theorems -------------------------------------------------------------------------------------------
_OF_POINT = (
    "law", "quantity", "claimed_low", "claimed_high", "observed", "limit_low", "limit_high", "ratio_low", "ratio_high",
    "beta", "trials", "violations", "open",
)  # fmt: skip


def _of_record(record: Mapping[str, Any]) -> Row:
    """The numbers are those of the point and law at which most of the claim is used up."""
    row: Row = {
        "status": record["status"],
        "vacuous": int(record["vacuous"]),
        "method": record["method"],
        "note": record["note"],
        "details": json.dumps(record, ensure_ascii=False),
    }
    ranked = [(worst, i) for i, point in enumerate(record["points"]) if (worst := used_up(point)) is not None]
    if ranked:
        worst, place = max(ranked, key=lambda item: (item[0], -item[1]))
        point = record["points"][place]
        row |= {key: _stored(point.get(key)) for key in _OF_POINT}
        # With an unspecified constant no ratio speaks against the claim; it only tells which point is shown.
        row |= {"worst": None if point["quantity"] == "ratio" else worst, "exact": int(bool(point.get("exact")))}
    return row


def _stored(value: Any) -> Any:
    """An infinite number, which JSON has as a string, as a float again; text and the rest as it is."""
    return float(value) if value in ("inf", "-inf") else value


def used_up(point: Mapping[str, Any]) -> float | None:
    """How much of the claim is used up at a point of a record; None where nothing is known.

    The ratio of the sides where it is known exactly (above 1 the claim is false), else the rate of violations over the
    claimed probability (which may be above 1 by chance).
    """
    if point["quantity"] == "ratio":
        return _finite(_number(point["observed"]))
    ratio = _number(point.get("ratio_high"))
    if point.get("exact") and not math.isnan(ratio):
        # Where the right side may be 0 for all that is known, as an enclosure of a tiny number, only one end says much.
        low = _number(point.get("ratio_low"))
        return low if math.isinf(ratio) and not math.isnan(low) else ratio
    observed, claimed = _number(point["observed"]), _number(point["claimed"])
    if math.isnan(observed) or math.isnan(claimed) or claimed == observed == 0:
        return None
    return observed / claimed if claimed > 0 else math.inf if observed > 0 and claimed == 0 else None
