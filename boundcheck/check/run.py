"""The story: statement → formula → experiment → verdict."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Any

from sympy import Expr

from boundcheck.check.cases import Case, cases, sample_case
from boundcheck.check.certificate import exact_certificate
from boundcheck.check.evidence import measure
from boundcheck.check.growth import observe_scaling
from boundcheck.check.numbers import domain_words, prove_theorem, wrong_inverse
from boundcheck.check.plan import plan
from boundcheck.check.workers import compile_kernels, started
from boundcheck.errors import BoundcheckError, InvalidArgument
from boundcheck.experiment.device import device_module
from boundcheck.statement.claim import Analytic, Scaling
from boundcheck.statement.laws import SHARE
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict, decide, exit_status
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.point import Status

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
    workers: int = 1,
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
    workers
        Processes that plan, prove and evaluate exact laws; the verdicts do not depend on their number.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    """
    validate(trials, level, seed, device)
    for theorem in theorems:
        if not isinstance(theorem, Theorem):
            raise InvalidArgument("theorem", theorem, "is not a theorem", "make one with Theorem(claim=…)")
    errors: list[str] = []
    verdicts: dict[int, Verdict] = {}
    planned: dict[int, _Planned] = {}

    def failed(theorem: Theorem, error: BoundcheckError) -> None:
        if raising:
            raise error
        errors.append(f"{theorem.file}::{theorem.name}: {error}")

    if report is not None:
        report("planning", 0.0)
    with started([partial(_without_trials, theorem, level, seed) for theorem in theorems], workers) as results:
        if workers > 1:
            compile_kernels(theorems, device)
        for place, (theorem, result) in enumerate(zip(theorems, results, strict=True)):
            match result:
                case Verdict():
                    verdicts[place] = result
                case BoundcheckError():
                    failed(theorem, result)
                case _Sketch():
                    planned[place] = _Planned(theorem, result)
    beta = (1 - level) / max(1, sum(one.tests for one in planned.values()))
    amounts = {
        place: [(trials or case.default_trials(beta)) if case.simulated else 0 for case in one.cases]
        for place, one in planned.items()
    }
    work = sum(
        case.cost * n for place, one in planned.items() for case, n in zip(one.cases, amounts[place], strict=True)
    )
    progress = _Progress(report, max(1, work))
    for place, one in planned.items():
        start = time.perf_counter()
        theorem, common = theorems[place], {"beta": beta, "level": level, **_common(theorems[place], seed)}
        try:
            if isinstance(theorem.reading, Scaling):
                verdicts[place] = observe_scaling(theorem, trials=trials, device=device, **common)
                continue
            evidence = [
                measure(case, count, seed=seed, device=device, beta=beta, progress=progress.of(theorem, case))
                for case, count in zip(one.cases, amounts[place], strict=True)
            ]
        except BoundcheckError as error:
            failed(theorem, error)
            continue
        seconds = one.sketch.seconds + time.perf_counter() - start
        verdicts[place] = _verdict(theorem, one.cases, evidence, whole=one.sketch.whole, seconds=seconds, **common)
    return Outcome(tuple(verdicts[place] for place in sorted(verdicts)), tuple(errors))


@dataclass(frozen=True)
class _Sketch:
    """Which cases of a theorem take trials, in plain data that another process can send: values by name, witness."""

    chosen: tuple[tuple[dict[str, Expr], int], ...] = ()
    whole: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class _Planned:
    """A theorem that takes trials."""

    theorem: Theorem
    sketch: _Sketch

    @cached_property
    def cases(self) -> list[Case]:
        """The cases."""
        names = {p.name: p for p in (*self.theorem.parameters, SHARE)}
        found: list[Case] = []
        for values, witness in self.sketch.chosen:
            point = {names[name]: value for name, value in values.items()}
            if self.theorem.reading.gap is None:
                found.append(sample_case(self.theorem, point, witness))
            else:
                found += cases(self.theorem, point)
        return found

    @property
    def tests(self) -> int:
        """Decisions that rest on trials; a claim about growth is one."""
        return 1 if isinstance(self.theorem.reading, Scaling) else sum(case.tests for case in self.cases)


def _without_trials(theorem: Theorem, level: float, seed: int) -> Verdict | _Sketch | BoundcheckError:
    """The verdict where no trials are needed, else the plan of those that are."""
    start = time.perf_counter()
    common = {"level": level, **_common(theorem, seed)}
    try:
        if isinstance(theorem.reading, Analytic):
            return prove_theorem(theorem, **common)
        if isinstance(theorem.reading, Scaling):
            return _Sketch()
        found = plan(theorem)
        if any(case.simulated for case in found.cases):
            chosen = tuple(({p.name: v for p, v in case.point.items()}, case.witness) for case in found.cases)
            return _Sketch(chosen, found.whole, time.perf_counter() - start)
        evidence = [
            measure(case, 0, seed=seed, device="cpu", beta=1 - level, progress=lambda _: None) for case in found.cases
        ]
        return _verdict(
            theorem,
            found.cases,
            evidence,
            whole=found.whole,
            beta=1 - level,
            seconds=time.perf_counter() - start,
            **common,
        )
    except BoundcheckError as error:
        return error


def _verdict(
    theorem: Theorem, cases: Sequence[Case], evidence: Sequence[PointEvidence], /, *, whole: bool, **common: Any
) -> Verdict:
    verdict = decide(evidence=evidence, exhaustive=whole, domain=domain_words(theorem), **common)
    wrong = None if verdict.status is Status.REFUTED else wrong_inverse(theorem)
    if wrong is not None:
        note = "The inverse form claims more than the theorem"
        return replace(verdict, status=Status.REFUTED, counterexample=wrong, note=note)
    certificate = exact_certificate(cases, verdict)
    return replace(verdict, counterexample=_reproducible(verdict), certificate=certificate)


def _common(theorem: Theorem, seed: int) -> dict[str, Any]:
    """What every verdict on a theorem states."""
    return {
        "theorem": theorem.name or "theorem",
        "file": theorem.file,
        "seed": seed,
        "version": package_version(),
        "refutation_expected": refutation_expected(theorem),
    }


def refutation_expected(theorem: Theorem) -> bool:
    """Whether the theorem lies under a folder `refuted`, where claims are to come out refuted."""
    return theorem.file is not None and "refuted" in Path(theorem.file).resolve().parts[:-1]


def _reproducible(verdict: Verdict) -> Mapping[str, object] | None:
    """The counterexample with the command that draws it again."""
    found = verdict.counterexample
    if found is None or verdict.file is None:
        return found
    command = ["boundcheck", "check", f"{verdict.file}::{verdict.theorem}", "--seed", str(verdict.seed)]
    if drawn := found["trials"] or found["estimated"]:
        command += ["--trials", str(drawn)]
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
