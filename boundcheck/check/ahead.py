"""Trials that are needed in any case begin before all theorems of a run are loaded and planned. Light to import."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from boundcheck.experiment.head_start import HeadStart, head_start

if TYPE_CHECKING:
    from boundcheck.statement.theorem import Theorem

__all__ = ["HeadStart", "begin", "head_start"]


def begin(ahead: HeadStart, theorem: Theorem, *, trials: int | None, seed: int, precision: str) -> None:
    """Let the networks of a theorem be measured in no more trials than any run of these arguments takes.

    How many a network takes in the end depends on how many decisions of the run rest on trials.
    """
    if theorem.reading.gap is None:
        return
    from boundcheck.check.cases import NetworkCase
    from boundcheck.check.evidence import plan_of
    from boundcheck.check.plan import plan

    with contextlib.suppress(Exception):  # which shows again where the verdict is made
        for case in plan(theorem).cases:
            assert isinstance(case, NetworkCase)
            ahead.begin(theorem.identity, plan_of(case, seed, precision), trials or case.budget.fewest)
