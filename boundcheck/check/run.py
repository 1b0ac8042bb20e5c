"""The story: statement → formula → experiment → verdict."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sympy import Expr

from boundcheck.check.cases import Budget, Case, cases, sample_case
from boundcheck.check.certificate import exact_certificate, in_formulas, in_words
from boundcheck.check.evidence import measure
from boundcheck.check.growth import observe_scaling
from boundcheck.check.hypotheses import contradiction, domain_words
from boundcheck.check.numbers import prove_theorem, wrong_inverse
from boundcheck.check.options import DEFAULT_LEVEL, DEFAULT_PRECISION, package_version, validate
from boundcheck.check.plan import Plan, plan
from boundcheck.check.workers import compile_network_kernels, compile_sample_kernels, team
from boundcheck.display import Displayed, pretty
from boundcheck.errors import BoundcheckError, InternalError, InvalidArgument
from boundcheck.experiment.device import use_threads
from boundcheck.experiment.head_start import NO_HEAD_START, HeadStart, Known
from boundcheck.formula.verify import NotRechecked, verify_exact
from boundcheck.statement.claim import Analytic, Scaling
from boundcheck.statement.laws import SHARE
from boundcheck.statement.theorem import Theorem
from boundcheck.verdict.decide import Verdict, decide, exit_status
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.multiple import Shares, betas
from boundcheck.verdict.point import Status, refutes

Listener = Callable[[str, float], None]
"""Called with a theorem's name and the share of the run's work that is done."""


@dataclass(frozen=True)
class Outcome(Displayed):
    """Verdicts of a run, and the theorems that could not be checked, with the reason."""

    _repr_pretty_ = pretty

    verdicts: tuple[Verdict, ...]
    failures: tuple[tuple[Theorem, BoundcheckError], ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        """One message for each theorem that could not be checked."""
        return tuple(f"{theorem.file}::{theorem.name}: {error}" for theorem, error in self.failures)

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
    precision: str = DEFAULT_PRECISION,
) -> Verdict:
    """Check one theorem.

    Parameters
    ----------
    theorem
        What is claimed.
    trials
        Simulated trials at each point, fixed beforehand; left out, points that count violations stop when they are
        decided, or at a number that confirms the claim despite a few.
    level
        Probability with which every decision that rests on trials is right.
    seed
        A non-negative integer; the same seed gives the same verdict.
    device
        Where trials run: "cpu", or "cuda" for a GPU.
    precision
        "double", or "single": weights of networks, as drawn in double precision, and inputs are rounded to single
        precision, in which forward passes run. What rounding can do is allowed for.

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
    run: dict[str, Any] = {"trials": trials, "level": level, "seed": seed, "device": device, "precision": precision}
    verdict = check_all([theorem], **run, raising=True).verdicts[0]
    usual = {"trials": None, "level": DEFAULT_LEVEL, "device": "cpu", "precision": DEFAULT_PRECISION}
    given = [f"{name}={value!r}" for name, value in run.items() if name == "seed" or value != usual[name]]
    return replace(verdict, call=f"check({', '.join([verdict.theorem, *given])})")


def check_all(
    theorems: Sequence[Theorem],
    *,
    trials: int | None = None,
    level: float = DEFAULT_LEVEL,
    seed: int = 0,
    device: str = "cpu",
    precision: str = DEFAULT_PRECISION,
    report: Listener | None = None,
    raising: bool = False,
    workers: int = 1,
    ahead: HeadStart = NO_HEAD_START,
) -> Outcome:
    """Check theorems in one run, at one level for all of them together.

    The tests of all theorems are planned first, trials are run, and when the evidence of all is known, verdicts are
    made from it: what each test may fail with depends on the others (:mod:`boundcheck.verdict.multiple`).

    Parameters
    ----------
    theorems, trials, level, seed, device, precision
        As for :func:`check`.
    report
        Called as trials are done.
    raising
        Raise a theorem's error instead of collecting it.
    workers
        Processes that share the theorems; the verdicts do not depend on their number.
    ahead
        Where trials of these theorems may have begun with the same arguments: it is stopped when others are to begin.
        The verdicts do not depend on it either.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    """
    validate(trials, level, seed, device, precision)
    require_theorems(theorems)
    verdicts: dict[int, Verdict] = {}
    errors: dict[int, BoundcheckError] = {}
    planned: dict[int, _Sketch] = {}
    measured: dict[int, _Measured] = {}

    def take(place: int, result: Verdict | _Measured | BoundcheckError) -> None:
        if isinstance(result, Verdict):
            verdicts[place] = replace(result, formula=in_formulas(theorems[place]), **in_words(theorems[place]))
        elif isinstance(result, _Measured):
            measured[place] = result
        elif raising:
            raise result
        else:
            errors[place] = result

    spare = _called if raising else _spared
    if report is not None:
        report("planning", 0.0)
    with team(theorems, workers) as others:
        results = others.each(spare, [(place, (_without_trials, level, seed)) for place in range(len(theorems))])
        if not others.alone:
            compile_sample_kernels(theorems, device)
        for place, result in enumerate(results):
            if isinstance(result, _Sketch):
                planned[place] = result
            else:
                take(place, result)
        if ahead.active or not others.alone:
            compile_network_kernels([theorems[place] for place in planned], device, precision)
        known = ahead.stop()
        for place, sketch in planned.items():
            planned[place] = replace(sketch, known=known.get(theorems[place].identity, {}))
        settings = _Settings(trials, seed, device, precision, _shares(level, planned.values()))
        work = {place: sketch.work(settings) for place, sketch in planned.items()}
        progress = _Progress(report, max(1, sum(work.values())))
        done: Iterator[Verdict | _Measured | BoundcheckError]
        if others.alone or device != "cpu" or len(planned) < 2 * workers:
            order = list(planned)  # here, where the threads of each kernel share out the trials, or the GPU is
            done = (spare(theorems[place], _with_trials, planned[place], settings, progress) for place in order)
        else:
            order = sorted(planned, key=lambda place: -work[place])  # the longest first, lest all wait for it
            done = others.each(spare, [(place, (_in_one_thread, planned[place], settings)) for place in order])
        for place, result in zip(order, done, strict=True):
            take(place, result)
            progress.reach(theorems[place], work[place])
    places = sorted(measured)
    each = iter(betas([item for place in places for item in measured[place].evidence], settings.shares))
    for place in places:
        own = [next(each) for _ in measured[place].evidence]
        take(place, spare(theorems[place], _concluded, planned[place], measured[place], settings, own))
    failures = tuple((theorems[place], errors[place]) for place in sorted(errors))
    return Outcome(tuple(verdicts[place] for place in sorted(verdicts)), failures)


def require_theorems(theorems: Sequence[Theorem]) -> None:
    """Refuse what is no theorem.

    Raises
    ------
    InvalidArgument
        When one is not.
    """
    for theorem in theorems:
        if not isinstance(theorem, Theorem):
            raise InvalidArgument("theorem", theorem, "is not a theorem", "make one with Theorem(claim=…)")


@dataclass(frozen=True)
class _Settings:
    """What the trials of a run have in common."""

    trials: int | None
    seed: int
    device: str
    precision: str
    shares: Shares


@dataclass(frozen=True)
class _Sketch:
    """Which cases of a theorem take trials, in plain data that another process can send: values by name, witness."""

    tests: int
    """Decisions that rest on trials; a claim about growth is one."""
    chosen: tuple[tuple[dict[str, Expr], int], ...] = ()
    budgets: tuple[Budget, ...] = ()
    whole: bool = False
    seconds: float = 0.0
    known: Known = field(default_factory=dict)
    """Trials that have been run already."""

    @property
    def counted(self) -> int:
        """Decisions that rest on counts of violations."""
        return sum(budget.counted for budget in self.budgets)

    def amounts(self, settings: _Settings) -> list[int]:
        """The most trials of each case."""
        shares = settings.shares
        return [
            (settings.trials or b.trials(shares.first if b.counted else shares.fixed)) if b.tests else 0
            for b in self.budgets
        ]

    def work(self, settings: _Settings) -> int:
        """Rough cost of the trials, for the progress bar."""
        return sum(b.cost * n for b, n in zip(self.budgets, self.amounts(settings), strict=True))

    def cases(self, theorem: Theorem, places: Collection[int] | None = None) -> list[Case]:
        """The cases of the theorem, or those at some places."""
        names = {p.name: p for p in (*theorem.parameters, SHARE)}
        found: list[Case] = []
        for values, witness in self.chosen if places is None else [self.chosen[i] for i in places]:
            point = {names[name]: value for name, value in values.items()}
            if theorem.reading.gap is None:
                found.append(sample_case(theorem, point, witness))
            else:
                found += cases(theorem, point)
        return found


@dataclass(frozen=True)
class _Measured:
    """What is known of a theorem when its trials are done, before it is known of all."""

    evidence: tuple[PointEvidence, ...]
    wrong: Mapping[str, object] | None
    """A point at which its inverse form claims too much."""
    seconds: float


def _shares(level: float, planned: Collection[_Sketch]) -> Shares:
    return Shares(level, sum(sketch.tests for sketch in planned), sum(sketch.counted for sketch in planned))


def _called(theorem: Theorem, work: Callable[..., Any], *arguments: Any) -> Any:
    return work(theorem, *arguments)


def _spared(theorem: Theorem, work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` returns; a defect that ends it is an error of this theorem and does not end the run."""
    try:
        return work(theorem, *arguments)
    except Exception as error:
        return InternalError.of(error)


def _without_trials(theorem: Theorem, level: float, seed: int) -> Verdict | _Sketch | BoundcheckError:
    """The verdict where no trials are needed, else the plan of those that are."""
    start = time.perf_counter()
    common = {"level": level, **_common(theorem, seed)}
    try:
        if isinstance(theorem.reading, Analytic):
            return prove_theorem(theorem, **common)
        if isinstance(theorem.reading, Scaling):
            return _Sketch(tests=1)
        found = cases_to_test(theorem)
        if any(case.simulated for case in found.cases):
            chosen = tuple(({p.name: v for p, v in case.point.items()}, case.witness) for case in found.cases)
            budgets = tuple(case.budget for case in found.cases)
            tests = sum(budget.tests for budget in budgets)
            return _Sketch(tests, chosen, budgets, found.whole, time.perf_counter() - start)
        idle: dict[str, Any] = {"device": "cpu", "precision": DEFAULT_PRECISION, "progress": lambda _: None}
        evidence = [measure(case, 0, seed=seed, beta=1 - level, **idle) for case in found.cases]
        verdict = decide(
            evidence=evidence,
            exhaustive=found.whole,
            domain=domain_words(theorem),
            beta=1 - level,
            seconds=0.0,
            **common,
        )
        wrong = None if verdict.status is Status.REFUTED else wrong_inverse(theorem)
        verdict = _verdict(verdict, wrong, Shares(level, 0, 0), found.cases)
        return replace(verdict, seconds=time.perf_counter() - start)
    except BoundcheckError as error:
        return error


def cases_to_test(theorem: Theorem) -> Plan:
    """The plan of a theorem about something random.

    Raises
    ------
    UnsupportedClaim, InvalidArgument
        As :func:`boundcheck.check.plan.plan`; where a hypothesis leaves nothing to test, it is named.
    """
    try:
        found = plan(theorem)
    except InvalidArgument as error:
        raise contradiction(theorem) or error from None
    if not found.cases and (nothing := contradiction(theorem)) is not None:
        raise nothing
    return found


def _with_trials(
    theorem: Theorem, sketch: _Sketch, settings: _Settings, progress: _Progress | None = None
) -> Verdict | _Measured | BoundcheckError:
    """What trials show of a theorem; for a claim about growth, whose limits are fixed beforehand, the verdict."""
    start = time.perf_counter()
    shares = settings.shares
    progress = progress or _Progress(None, 1)
    try:
        if isinstance(theorem.reading, Scaling):
            common = {"beta": shares.fixed, "level": shares.level, **_common(theorem, settings.seed)}
            return observe_scaling(theorem, trials=settings.trials, device=settings.device, **common)
        evidence = tuple(
            measure(
                case,
                count,
                seed=settings.seed,
                device=settings.device,
                precision=settings.precision,
                beta=shares.fixed,
                stop=shares.first if settings.trials is None else None,
                progress=progress.of(theorem, case),
                known=sketch.known,
            )
            for case, count in zip(sketch.cases(theorem), sketch.amounts(settings), strict=True)
        )
        return _Measured(evidence, wrong_inverse(theorem), sketch.seconds + time.perf_counter() - start)
    except BoundcheckError as error:
        return error


def _in_one_thread(theorem: Theorem, sketch: _Sketch, settings: _Settings) -> Verdict | _Measured | BoundcheckError:
    """The same in one of several processes, which share the cores."""
    use_threads(1)
    return _with_trials(theorem, sketch, settings)


def _concluded(
    theorem: Theorem, sketch: _Sketch, measured: _Measured, settings: _Settings, each: Sequence[float]
) -> Verdict:
    """The verdict on a theorem that takes trials, when it is known what each of its points may be decided with."""
    verdict = decide(
        evidence=measured.evidence,
        exhaustive=sketch.whole,
        domain=domain_words(theorem),
        beta=each,
        level=settings.shares.level,
        seconds=measured.seconds,
        **_common(theorem, settings.seed),
    )
    found = verdict.counterexample or {}
    # Only a refutation by an exact law can have a certificate; that case is made again, and no other.
    places = [
        i
        for i, item in enumerate(measured.evidence)
        if item.exact and (item.law, item.parameters) == (found.get("law"), found.get("parameters"))
    ]
    own = _shares(settings.shares.level, [sketch])
    return _verdict(verdict, measured.wrong, own, sketch.cases(theorem, places), places)


def _verdict(
    verdict: Verdict,
    wrong: Mapping[str, object] | None,
    own: Shares,
    cases: Sequence[Case],
    places: Sequence[int] | None = None,
) -> Verdict:
    """The verdict with its certificate, or on a wrong inverse form; `places` are those of the cases, if not all."""
    if wrong is not None and verdict.status is not Status.REFUTED:
        note = "The inverse form claims more than the theorem"
        return replace(verdict, status=Status.REFUTED, counterexample=wrong, note=note)
    points = verdict.points if places is None else tuple(verdict.points[i] for i in places)
    certificate = exact_certificate(cases, replace(verdict, points=points))
    if certificate is not None and certificate["kind"] == "exact" and verdict.status is Status.PROVED:
        complaints = [c for c in verify_exact(certificate) if not isinstance(c, NotRechecked)]
        if complaints:
            note = f"The independent check does not accept the exact law: {complaints[0]}"
            return replace(verdict, status=Status.INCONCLUSIVE, counterexample=None, note=note)
    return replace(verdict, counterexample=_reproducible(verdict, own), certificate=certificate)


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


def _reproducible(verdict: Verdict, own: Shares) -> Mapping[str, object] | None:
    """The counterexample, with the command that draws it again and refutes again.

    Where trials stopped, the command fixes their number, so that it does not matter where they would stop in a run of
    this theorem alone. Limits of as many trials are closer than those that are valid at all times, and a decision of
    Holm's first step takes no more than that of a smaller run gives. Only what took a later step may need the other
    theorems; then there is no command.

    Parameters
    ----------
    verdict
        With the counterexample.
    own
        How the tests of this theorem alone share the level.
    """
    found = verdict.counterexample
    if found is None or verdict.file is None:
        return found
    if found["trials"] and not _refutes_alone(verdict, found, own):
        return found
    command = ["boundcheck", "check", f"{verdict.file}::{verdict.theorem}", "--seed", str(verdict.seed)]
    if drawn := found["trials"] or found["estimated"]:
        command += ["--trials", str(drawn)]
    if verdict.level != DEFAULT_LEVEL:
        command += ["--level", str(verdict.level)]
    if verdict.device not in (None, "cpu"):
        command += ["--device", verdict.device]
    if verdict.precision not in (None, DEFAULT_PRECISION):
        command += ["--precision", verdict.precision]
    return {**found, "reproduce": shlex.join(command)}


def _refutes_alone(verdict: Verdict, found: Mapping[str, object], own: Shares) -> bool:
    """Whether the trials of a counterexample refute in a run of this theorem in which every point has as many."""
    counted = [point.evidence for point in verdict.points if point.evidence.trials]
    where = (found["law"], found["parameters"])
    if any(item.sequential for item in counted):  # in that run the others have other counts, and may be no help
        counted = [replace(item, sequential=False) for item in counted if (item.law, item.parameters) == where]
    shares = zip(counted, betas(counted, own), strict=True)
    return any((item.law, item.parameters) == where and refutes(item, beta) for item, beta in shares)


@dataclass
class _Progress:
    report: Listener | None
    total: int
    done: int = 0
    reached: int = 0
    """Work of the theorems that are finished."""

    def of(self, theorem: Theorem, case: Case) -> Callable[[int], None]:
        """What a measurement calls with the number of trials just done."""

        def trials_done(count: int) -> None:
            self.done += count * case.cost
            self._tell(theorem)

        return trials_done

    def reach(self, theorem: Theorem, work: int) -> None:
        """A theorem is finished, here or in another process."""
        self.reached += work
        self.done = max(self.done, self.reached)
        self._tell(theorem)

    def _tell(self, theorem: Theorem) -> None:
        if self.report is not None:
            self.report(theorem.name, self.done / self.total)
