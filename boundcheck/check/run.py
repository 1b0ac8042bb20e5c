"""The story: statement → formula → experiment → verdict."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version
from pathlib import Path

from boundcheck.check.cases import Case
from boundcheck.check.evidence import measure
from boundcheck.check.plan import plan
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.experiment.device import device_module
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict, decide, exit_status

DEFAULT_LEVEL = 0.99

Listener = Callable[[str, float], None]
"""Called with a theorem's name and the share of the run's work that is done."""


def package_version() -> str:
    """The installed version of boundcheck."""
    try:
        return distribution_version("boundcheck")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True)
class Outcome:
    """Verdicts of a run, and one message for each theorem that could not be checked."""

    verdicts: tuple[Verdict, ...]
    errors: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """0 all as expected, 1 a failure, 2 errors or nothing checked, 3 no failure but something inconclusive."""
        return 2 if self.errors or not self.verdicts else exit_status(self.verdicts)


def check(
    theorem: Theorem,
    *,
    trials: int | None = None,
    level: float = DEFAULT_LEVEL,
    seed: int = 0,
    device: str = "cpu",
) -> Verdict:
    """Check one theorem.

    Parameters
    ----------
    theorem
        What is claimed.
    trials
        Simulated trials at each point; left out, as many as confirm the claim despite a few violations.
    level
        Probability with which every decision that rests on trials is right.
    seed
        A non-negative integer; the same seed gives the same verdict.
    device
        Where trials run: "cpu".

    Returns
    -------
    The verdict, with the evidence at each point.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    UnsupportedClaim
        When the claim has no means of being checked.

    Examples
    --------
    >>> from boundcheck import E, P, Theorem, bernoulli, iid, mean, real
    >>> from sympy import exp
    >>> t = real("t", min=0, max=1)
    >>> X = iid(bernoulli(0.5), 20)
    >>> claim = P(mean(X) - E(mean(X)) >= t) <= exp(-2 * 20 * t**2)
    >>> check(Theorem(claim=claim, source="Hoeffding 1963, Theorem 1")).status
    <Status.CONFIRMED: 'CONFIRMED'>
    """
    outcome = check_all([theorem], trials=trials, level=level, seed=seed, device=device, raising=True)
    return outcome.verdicts[0]


def check_all(
    theorems: Sequence[Theorem],
    *,
    trials: int | None = None,
    level: float = DEFAULT_LEVEL,
    seed: int = 0,
    device: str = "cpu",
    report: Listener | None = None,
    raising: bool = False,
) -> Outcome:
    """Check theorems in one run, at one level for all of them together.

    The tests of all theorems are planned first, so that each of the N that rest on trials gets the share
    (1 - level) / N (the union bound), whichever way it comes out.

    Parameters
    ----------
    theorems, trials, level, seed, device
        As for :func:`check`.
    report
        Called as trials are done.
    raising
        Raise a theorem's error instead of collecting it.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    """
    validate(trials, level, seed, device)
    for theorem in theorems:
        if not isinstance(theorem, Theorem):
            raise InvalidArgument("theorem", theorem, "is not a theorem", "make one with Theorem(claim=…)")
    plans: list[tuple[Theorem, list[Case], float]] = []
    errors: list[str] = []

    def failed(theorem: Theorem, error: BoundcheckError) -> None:
        if raising:
            raise error
        errors.append(f"{theorem.file}::{theorem.name}: {error}")

    for theorem in theorems:
        start = time.perf_counter()
        try:
            plans.append((theorem, plan(theorem), time.perf_counter() - start))
        except BoundcheckError as error:
            failed(theorem, error)
    simulated = sum(case.simulated for _, cases, _ in plans for case in cases)
    beta = (1 - level) / max(1, simulated)
    amounts = [
        [(trials or case.default_trials(beta)) if case.simulated else 0 for case in cases] for _, cases, _ in plans
    ]
    work = sum(
        case.cost * n
        for (_, cases, _), counts in zip(plans, amounts, strict=True)
        for case, n in zip(cases, counts, strict=True)
    )
    progress = _Progress(report, max(1, work))
    verdicts = []
    for (theorem, cases, seconds), counts in zip(plans, amounts, strict=True):
        start = time.perf_counter()
        try:
            evidence = [
                measure(case, count, seed=seed, device=device, progress=progress.of(theorem, case))
                for case, count in zip(cases, counts, strict=True)
            ]
        except BoundcheckError as error:
            failed(theorem, error)
            continue
        verdict = decide(
            theorem=theorem.name or "theorem",
            file=theorem.file,
            evidence=evidence,
            beta=beta,
            level=level,
            seed=seed,
            seconds=0.0,
            version=package_version(),
            refutation_expected=refutation_expected(theorem),
        )
        verdict = replace(verdict, counterexample=_reproducible(verdict))
        verdicts.append(replace(verdict, seconds=seconds + time.perf_counter() - start))
    return Outcome(tuple(verdicts), tuple(errors))


def refutation_expected(theorem: Theorem) -> bool:
    """Whether the theorem lies under a folder `refuted`, where claims are to come out refuted."""
    return theorem.file is not None and "refuted" in Path(theorem.file).resolve().parts[:-1]


def _reproducible(verdict: Verdict) -> Mapping[str, object] | None:
    """The counterexample with the command that draws it again."""
    found = verdict.counterexample
    if found is None or verdict.file is None:
        return found
    command = ["boundcheck", "check", f"{verdict.file}::{verdict.theorem}", "--seed", str(verdict.seed)]
    if found["trials"]:
        command += ["--trials", str(found["trials"])]
    if verdict.level != DEFAULT_LEVEL:
        command += ["--level", str(verdict.level)]
    return {**found, "reproduce": shlex.join(command)}


@dataclass
class _Progress:
    report: Listener | None
    total: int
    done: int = 0

    def of(self, theorem: Theorem, case: Case) -> Callable[[int], None]:
        """What a measurement calls with the number of trials just done."""

        def trials_done(count: int) -> None:
            self.done += count * case.cost
            if self.report is not None:
                self.report(theorem.name, self.done / self.total)

        return trials_done


def validate(trials: int | None, level: float, seed: int, device: str) -> None:
    """Check the arguments of a run before anything is loaded or measured.

    Raises
    ------
    InvalidArgument
        When one is out of range.
    """
    if trials is not None and (isinstance(trials, bool) or not isinstance(trials, int) or trials < 1):
        raise InvalidArgument("trials", trials, "is not a number of trials", "pass an integer of at least 1")
    if not (isinstance(level, float | int) and 0 < level < 1):
        raise InvalidArgument("level", level, "is not a confidence level", "pass a number with 0 < level < 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidArgument("seed", seed, "is not a seed", "pass an integer of at least 0")
    device_module(device)
