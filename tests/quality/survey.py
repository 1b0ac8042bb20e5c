"""What the checker says of each mutant, beside what the oracle knows of it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quality import oracle
from quality.mutants import Mutant, mutants

from boundcheck.check import Status, check_all
from boundcheck.statement.claim import Analytic, Scaling
from boundcheck.statement.discovery import discover, library
from boundcheck.statement.theorem import Theorem

PROOFS = Path(__file__).resolve().parents[2] / "proofs"
TRIALS = 4000
"""Of simulated cases. At level 0.99 a true mutant is refuted by chance with probability at most 0.01 for each check."""

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"


@dataclass(frozen=True)
class Finding:
    """One mutant: what the oracle knows, and what the checker says."""

    theorem: str
    mutant: Mutant
    truth: str
    why: str
    status: str
    note: str
    seconds: float

    @property
    def verdict(self) -> str:
        """The cell of the table that the mutant belongs to."""
        against = self.status in (Status.REFUTED, Status.SCALING_BROKEN)
        if self.truth == TRUE:
            return "TRUE REFUTED" if against else "true, kept"
        if self.truth == FALSE:
            return "false, refuted" if against else "false, not refuted"
        return "unknown, refuted" if against else "unknown, kept"


def originals() -> list[Theorem]:
    """Every theorem of the library and of the scalar proofs that is about samples or numbers."""
    found = discover([str(library()), str(PROOFS / "scalar")])
    return [t for t in found.theorems if t.reading.gap is None and not isinstance(t.reading, Scaling)]


def tight_places(theorem: Theorem) -> tuple[oracle.Place, ...]:
    """Where the original is tightest; raises where the oracle finds it false."""
    try:
        found = oracle.search(theorem, count=150, climbs=3, steps=60)
    except oracle.NoOracle:
        return ()
    assert found.false is None, f"{theorem.name} is false at {found.false}"
    return found.tight


def truth(original: Theorem, places: tuple[oracle.Place, ...], mutant: Mutant) -> tuple[str, str]:
    """What the oracle knows: true since it follows from the original, false at a point, or unknown."""
    if mutant.kind not in ("law", "domain", "hypothesis") and oracle.weaker(original, mutant.theorem):
        return TRUE, "follows from the original"
    try:
        found = oracle.search(mutant.theorem, places, count=40)
    except oracle.NoOracle as error:
        return UNKNOWN, f"no oracle: {str(error)[:60]}"
    if found.false is None:
        return UNKNOWN, "no false point found"
    point, sides = found.false
    where = ", ".join(f"{name}={value}" for name, value in point.items())
    return FALSE, f"{where}: {sides.left:.6g} > {sides.right:.6g}"


def asked(theorem: Theorem, seconds: float | None = None, trials: int | None = TRIALS) -> tuple[str, str]:
    """The checker's status and its note; given a time, in a process of its own, which is ended when the time is up."""
    if seconds is None:
        return _answer(theorem, trials)
    here, there = multiprocessing.get_context("fork").Pipe()
    child = multiprocessing.get_context("fork").Process(target=lambda: there.send(_answer(theorem, trials)))
    child.start()
    there.close()
    try:
        return here.recv() if here.poll(seconds) else ("TIME", f"more than {seconds} s")
    except EOFError:
        return "ERROR", "the process ended without an answer"
    finally:
        child.kill()
        child.join()


def _answer(theorem: Theorem, trials: int | None) -> tuple[str, str]:
    try:
        outcome = check_all([theorem], trials=trials)
    except Exception as error:  # the report goes on, and names it
        return "ERROR", f"{type(error).__name__}: {error}"
    if outcome.errors:
        return "REFUSED", outcome.errors[0]
    [verdict] = outcome.verdicts
    return str(verdict.status), verdict.note


def survey(theorem: Theorem, *, every: int = 1, first: int = 0, seconds: float | None = None) -> Iterator[Finding]:
    """Findings on each `every`-th mutant of a theorem, from the `first` on."""
    places = () if isinstance(theorem.reading, Analytic) else tight_places(theorem)
    for mutant in mutants(theorem)[first::every]:
        start = time.perf_counter()
        known, why = truth(theorem, places, mutant)
        status, note = asked(mutant.theorem, seconds)
        yield Finding(theorem.name, mutant, known, why, status, note, time.perf_counter() - start)
