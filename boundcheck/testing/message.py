"""What a failing test says: the verdict, the counterexample, the seed, and the command that shows it again."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boundcheck.check import Verdict

COLUMN = 16
"""As wide as :func:`boundcheck.report.words.details` makes the names of facts."""


PYTEST_OPTIONS: list[str] = []
"""Those that the plugin found in pytest's command and that decide what a test does."""


def verdict_message(verdict: Verdict, *, trials: int | None, remark: str = "") -> str:
    """Why a verdict is not the one that a passing test needs, and what shows it again.

    Parameters
    ----------
    verdict
        On a theorem.
    trials
        What was asked for, if anything.
    remark
        How the level came about.
    """
    from boundcheck.report.words import details

    missed = "NOT REFUTED, though under a folder refuted/: " if verdict.refutation_expected else ""
    name = f"{verdict.file}::{verdict.theorem}" if verdict.file else verdict.theorem
    lines = [f"{missed}{verdict.status}  {name}", details(verdict).plain]
    found = verdict.counterexample or {}
    facts = [] if found.get("seed") is not None else [("seed", str(verdict.seed))]
    if "reproduce" not in found:
        facts += [("reproduce", _command(verdict, trials))]
    lines += [fact(name, value) for name, value in facts]
    lines.append(fact("level", f"{verdict.level!r}{remark}"))
    return "\n".join(lines)


def fact(name: str, value: str) -> str:
    """A fact in the columns of a message."""
    return f"  {name:<{COLUMN}}" + value.replace("\n", "\n" + " " * (COLUMN + 2))


def pytest_command() -> str | None:
    """The command that runs the test that is running now, as it runs, if pytest runs it."""
    running = os.environ.get("PYTEST_CURRENT_TEST")
    if not running:
        return None
    return shlex.join(["pytest", running.rpartition(" (")[0], *PYTEST_OPTIONS])


def _command(verdict: Verdict, trials: int | None) -> str:
    given = {"trials": trials, "level": verdict.level, "seed": verdict.seed}
    if verdict.file is None:
        arguments = ", ".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return f"boundcheck.check(theorem, {arguments})"
    command = ["boundcheck", "check", f"{verdict.file}::{verdict.theorem}"]
    for name, value in given.items():
        command += [] if value is None else [f"--{name}", str(value)]
    return shlex.join(command)
