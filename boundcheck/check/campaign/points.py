"""The points of a campaign as rows of a store, each with all that it takes to run it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from boundcheck.check.campaign.subjects import (
    DELTA,
    DERIVED,
    named_theorem,
    network_theorem,
    positive,
    pruned_network,
    stamp,
)
from boundcheck.check.cases import TOLERATED, NetworkCase
from boundcheck.check.describe import as_latex, as_mathml
from boundcheck.check.run import refutation_expected
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.formula.rigorous import enclose
from boundcheck.statement.campaign.campaign import Campaign
from boundcheck.statement.campaign.study import AMOUNTS, Study
from boundcheck.statement.claim import Analytic, Scaling
from boundcheck.statement.domain import exact
from boundcheck.statement.notation import text
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.intervals import trials_to_confirm

BATCH_WORK = 300_000_000
"""Weights of a batch, unless the campaign says how many trials it has: about a second's work."""
FEW_POINTS = 20_000
"""Points that are made in a second or so."""
MOST_WIDTH = 2**53
NETWORK_KEYS = ("fcn", "cnn", "d", "weights", "activation", "biases", "prune", "radius", "delta", "factor")

UNUSUAL = {"factor": "1", "radius": "1", "biases": "none"}

Row = dict[str, Any]


def theorem_rows(campaign: Campaign) -> Iterator[Row]:
    """One row for each theorem of each study; of networks the claim about the first one.

    Raises
    ------
    BoundcheckError
        When a theorem is not found, or a study describes no network.
    """
    for study in campaign.studies:
        first = next(study.combinations())
        if study.theorem is None:
            yield {"study": study.name, "theorem": DERIVED, **_claim_of_networks(study, first, campaign.folder)}
            continue
        named = [named_theorem(target, campaign.folder) for target in study.axes[0].values]
        for target, theorem in zip(study.axes[0].values, named, strict=True):
            if [other.name for other in named].count(theorem.name) > 1:
                raise InvalidArgument(
                    "theorem", target, "has the name of another one of the study", "give it a study of its own"
                )
            yield {
                "study": study.name,
                "theorem": theorem.name,
                "file": target.partition("::")[0] if "::" in target else None,
                "claim": text(theorem.claim),
                "latex": as_latex(theorem),
                "mathml": as_mathml(theorem),
                "source": theorem.source,
                "expected": int(not refutation_expected(theorem)),
            }


def _claim_of_networks(study: Study, first: Mapping[str, str], folder: str) -> Row:
    spec = network_spec(first)
    factors = next(one.values for one in study.axes if one.name == "factor")
    times = "" if factors == ("1",) else f"{' or '.join(factors)} times "
    found = {
        "claim": f"P(gap(target, pruned) > {times}gap_bound(target, pruned, delta)) <= delta, for each network",
        "source": "derived by boundcheck for each network, and shown for the first; setting of Qian and Klabjan 2021",
    }
    try:
        theorem = network_theorem(spec, folder)
        return {**found, "latex": as_latex(theorem), "mathml": as_mathml(theorem)}
    except InvalidArgument:
        raise
    except BoundcheckError:  # there is no bound: each point will say so
        return found


def point_rows(campaign: Campaign) -> Iterator[Row]:
    """The rows of all points, in their order, made as they are asked for.

    Values of a theorem's parameters at which its hypotheses do not hold are no points; the level is shared out as if
    they were.

    Raises
    ------
    BoundcheckError
        When values make no network or lie outside a parameter's domain.
    """
    number = 0
    for study in campaign.studies:
        make = _network_row if study.theorem is None else _sample_row
        for combination in study.combinations():
            row = make(campaign, combination)
            if row is not None:
                yield {"id": number, "study": study.name, **row}
                number += 1


def check_points(campaign: Campaign) -> None:
    """Make points for nothing, so that mistakes show before there is a store: all of them, or of many each value once.

    Raises
    ------
    BoundcheckError
        As :func:`point_rows`.
    """
    if campaign.points <= FEW_POINTS:
        for _ in point_rows(campaign):
            pass
        return
    for study in campaign.studies:
        make = _network_row if study.theorem is None else _sample_row
        first = next(study.combinations())
        for one in study.axes:
            for value in one.values or (one.drawn(0.0), one.drawn(1 - 2**-53)):
                make(campaign, {**first, one.name: value})


def network_spec(combination: Mapping[str, str]) -> Row:
    """A network in words, from the arguments of a study at one point."""
    spec = {key: combination[key] for key in NETWORK_KEYS if key in combination}
    for amount in AMOUNTS:
        if amount in combination:
            spec["prune"] = f"{combination['prune']}:{amount}={combination[amount]}"
    if "fcn" in spec and "d" in spec:
        d = spec.pop("d")
        spec["fcn"] = ",".join(_width(part.strip(), d) for part in spec["fcn"].split(","))
    return spec


def _width(part: str, d: str) -> str:
    """A width that may be d or a multiple such as 2*d."""
    factor, _, name = part.replace(" ", "").rpartition("*")
    if name != "d":
        return part
    return str(exact("d", d) * exact("fcn", factor or 1))


def _network_row(campaign: Campaign, combination: Mapping[str, str]) -> Row:
    spec = network_spec(combination)
    words = tuple((key, spec.get(key)) for key in NETWORK_KEYS if key != "delta")
    known = _network_columns(campaign.folder, stamp(campaign.folder, spec.get("cnn")), words)
    delta, least = _delta(spec["delta"])
    most = max(1, NetworkCase.most_work // known["work"])
    trials = campaign.trials or min(max(_needed(least, campaign.point_level), NetworkCase.least_trials), most)
    batch = campaign.batch or max(1, BATCH_WORK // known["work"])
    own = {"seed": int(combination["seed"]), "precision": campaign.precision, "looks": campaign.looks}
    return {
        "theorem": DERIVED,
        "kind": "network",
        **{key: value for key, value in known.items() if key != "work"},
        "delta": delta,
        "seed": own["seed"],
        "parameters": json.dumps({"delta": spec["delta"], **_unusual(spec)}),
        "spec": json.dumps({**spec, **own}),
        "trials": trials,
        "batches": -(-trials // batch),
    }


def _unusual(spec: Mapping[str, str]) -> dict[str, str]:
    """What has no column of its own, and is not what it mostly is."""
    return {key: spec[key] for key, usual in UNUSUAL.items() if spec.get(key, usual) != usual}


@lru_cache(maxsize=1024)
def _network_columns(folder: str, _: Any, words: tuple[tuple[str, str | None], ...]) -> Row:
    """What is known of a network without its bound."""
    spec = dict(words)
    pruned = pruned_network(spec, folder)
    for name in ("radius", "factor"):
        positive(name, spec[name] or "")
    target = pruned.target
    rule, _, amount = (spec["prune"] or pruned.words).partition(":")
    hidden = [int(layer.outputs) for layer in target.layers[:-1]] or [int(target.layers[0].inputs)]
    if max(hidden) > MOST_WIDTH:
        raise InvalidArgument("fcn", spec["fcn"], "has a layer that is too wide", f"pass at most {MOST_WIDTH:,}")
    return {
        "architecture": spec["fcn"] or " ".join(filter(None, (spec["cnn"], spec["d"] and f"d={spec['d']}"))),
        "activation": spec["activation"] or ("relu" if spec["fcn"] else None),
        "weights": spec["weights"] or ("uniform:1" if spec["fcn"] else None),
        "pruning": spec["prune"] or pruned.words,
        "rule": rule,
        "width": max(hidden),
        "depth": target.depth,
        "alpha": float(exact("alpha", amount.removeprefix("alpha="))) if amount.startswith("alpha=") else None,
        "work": max(1, (3 * target.size + target.products) // 4),
    }


@lru_cache(maxsize=1024)
def _delta(given: str) -> tuple[float, float]:
    """Delta as a float, and a float at or below it."""
    value = exact("delta", given)
    if not (value.is_number and value in DELTA.domain):
        raise InvalidArgument("delta", given, "is not a failure probability", "pass a number between 0 and 1")
    return float(value), enclose(value).low


@lru_cache(maxsize=1024)
def _needed(claimed: float, level: float) -> int:
    return trials_to_confirm(claimed, 1 - level, TOLERATED)


def _sample_row(campaign: Campaign, combination: Mapping[str, str]) -> Row | None:
    theorem = named_theorem(combination["theorem"], campaign.folder)
    prefix = "parameters."
    values = {key.removeprefix(prefix): value for key, value in combination.items() if key.startswith(prefix)}
    if values and not _within(theorem, values):
        return None
    numbers: Row = {name: _float(exact(name, values[name])) for name in ("alpha", "delta") if name in values}
    width = exact("d", values["d"]) if "d" in values else None
    own = {"seed": int(combination["seed"]), "trials": campaign.trials, "precision": campaign.precision}
    return {
        "theorem": theorem.name,
        "kind": "sample",
        **numbers,
        "width": int(width) if width is not None and width.is_integer and abs(width) <= MOST_WIDTH else None,
        "seed": own["seed"],
        "parameters": json.dumps(values),
        "spec": json.dumps({"theorem": combination["theorem"], "parameters": values or None, **own}),
        "trials": campaign.trials or 0,
        "batches": 1,
    }


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def _within(theorem: Theorem, values: Mapping[str, str]) -> bool:
    """Whether the hypotheses hold there.

    Raises
    ------
    InvalidArgument
        When these are not values of the theorem's parameters.
    """
    if isinstance(theorem.reading, Analytic | Scaling):
        raise InvalidArgument(
            "parameters", dict(values), f"cannot be set: {theorem.name} is checked as a whole", "leave them out"
        )
    names = {p.name: p for p in theorem.parameters}
    known = {names[name]: exact(name, value) for name, value in values.items() if name in names}
    if len(known) == len(names) == len(values) and all(v.is_number and v in p.domain for p, v in known.items()):
        return theorem.holds_at(known)
    theorem.point(values)  # which says what is wrong
    return False
