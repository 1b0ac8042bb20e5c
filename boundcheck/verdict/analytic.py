"""Verdict on a claim about numbers: an inequality that was proved, refuted or left open on a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.decide import Verdict
from boundcheck.verdict.point import Status

_STATUS = {"proved": Status.PROVED, "refuted": Status.REFUTED, "undecided": Status.INCONCLUSIVE}
_SHOWN = 3  # boxes that the note names


def decide_analytic(
    *,
    theorem: str,
    file: str | None,
    outcome: Literal["proved", "refuted", "undecided"],
    summary: str,
    domain: str,
    counterexample: Mapping[str, object] | None = None,
    boxes: Sequence[str] = (),
    certificate: Mapping[str, object] | None = None,
    level: float,
    seed: int,
    seconds: float,
    version: str,
    refutation_expected: bool = False,
) -> Verdict:
    """Verdict on a claim about numbers on a whole domain.

    Parameters
    ----------
    theorem, file
        Name of the theorem and the file that states it, if any.
    outcome
        What the prover came to.
    summary
        How, in a few words, such as "ball arithmetic on 37 boxes".
    domain
        The box on which the claim is made, such as "x in (-oo, oo)".
    counterexample
        For a refutation: the rational point (``parameters``, a mapping of exact strings) and enclosures of
        both sides there.
    boxes
        What is left over where nothing is decided.
    certificate
        What re-checks the outcome without searching again.
    level, seed, seconds, version
        Of the run, for the record.
    refutation_expected
        Whether the claim is one that must come out refuted.

    Raises
    ------
    InvalidArgument
        If a refutation comes without a counterexample, or anything else with one.
    """
    status = _STATUS[outcome]
    if (counterexample is not None) != (status is Status.REFUTED):
        raise InvalidArgument(
            "counterexample", counterexample, f"does not go with {outcome!r}", "pass one exactly where it refutes"
        )
    if counterexample is not None:
        point = counterexample.get("parameters")
        where = ", ".join(f"{name} = {value}" for name, value in point.items()) if isinstance(point, Mapping) else ""
        note = f"At {where}: the claim is false" if where else "The claim is false"
    elif status is Status.PROVED:
        note = "The claim holds on the whole domain"
    else:
        note = _open(boxes)
    return Verdict(
        theorem=theorem,
        file=file,
        status=status,
        vacuous=False,
        level=level,
        seed=seed,
        seconds=seconds,
        version=version,
        method=summary,
        domain=domain,
        counterexample=counterexample,
        certificate=certificate,
        refutation_expected=refutation_expected,
        note=note,
    )


def _open(boxes: Sequence[str]) -> str:
    what_next = "more time, or a smaller domain, may decide"
    if not boxes:
        return f"Neither proved nor refuted; {what_next}"
    named = "; ".join(boxes[:_SHOWN])
    if len(boxes) > _SHOWN:
        named += f"; and {len(boxes) - _SHOWN:,} more"
    return f"Neither proved nor refuted on {len(boxes):,} box{'es' * (len(boxes) > 1)}: {named}; {what_next}"
