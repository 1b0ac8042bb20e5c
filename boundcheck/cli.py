"""The command line: check, list, show, bound, solve and verify."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from boundcheck.check.options import (
    DEFAULT_LEVEL,
    DEFAULT_PRECISION,
    FORMATS,
    PRECISIONS,
    PROOF_FORMATS,
    SPLITS,
    UNKNOWNS,
    WINNER_FORMATS,
    package_version,
    validate,
)
from boundcheck.errors import BoundcheckError, InvalidArgument, TheoremFileError

if TYPE_CHECKING:
    from boundcheck.check.run import Listener
    from boundcheck.statement.discovery import Discovery
    from boundcheck.statement.spec import Words
    from boundcheck.statement.theorem import Theorem

# What a command needs beyond this it imports itself: --help is not to wait for SymPy, nor list for Numba.

BAD_INPUT = 2
NOTHING_DECIDED = 3
BROKEN_PIPE = 128 + 13


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_version(), prog_name="boundcheck")
@click.pass_context
def cli(context: click.Context) -> None:
    """Verify bounds: does a theorem hold, how is that known, and how loose is it?

    Theorem files are Python code and are run when they are loaded, like test files: name only files that you trust.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command(short_help="Check theorems: yours, or those that ship.")
@click.argument("targets", metavar="[PATH | PATH::NAME]...", nargs=-1)
@click.option("--trials", type=int, help="Simulated trials at each point.  [default: as many as confirm]")
@click.option(
    "--level", type=float, default=DEFAULT_LEVEL, show_default=True, help="Confidence level of the whole run."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same verdict.")
@click.option("--device", default="cpu", show_default=True, help="Where trials run: cpu, or cuda for a GPU.")
@click.option(
    "--precision",
    default=DEFAULT_PRECISION,
    show_default=True,
    help=f"Of trials of networks: {' or '.join(PRECISIONS)}.",
)
@click.option("--points", is_flag=True, help="Also show every tested point.")
@click.option(
    "--plan",
    is_flag=True,
    help="Run no trial: show how many there would be at this --level (and --trials), and how likely they decide.",
)
@click.option("--ablate", is_flag=True, help="Also drop each hypothesis in turn: which does the claim need?")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
def check(
    targets: tuple[str, ...],
    trials: int | None,
    level: float,
    seed: int,
    device: str,
    precision: str,
    points: bool,
    plan: bool,
    ablate: bool,
    as_json: bool,
) -> int:
    """Check theorems: those in the files and folders named, or those that ship with boundcheck.

    Exit status: 0 all as expected, 1 something refuted or its scaling broken (under a folder refuted/: neither),
    2 bad input, 3 nothing of that but something inconclusive. With --plan: 0, or 2 on bad input.
    """
    validate(trials, level, seed, device, precision)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if plan:
        for name, given in (("--points", points), ("--ablate", ablate)):
            if given:
                raise click.UsageError(
                    f"{name} shows what was tested, and --plan tests nothing: leave one of them out."
                )
        return _plan(targets, as_json, trials=trials, level=level, workers=cores)
    from boundcheck.check.ahead import begin, head_start

    with head_start(device, cores) as ahead:
        from boundcheck.check.run import check_all

        found = _discover(targets, partial(begin, ahead, trials=trials, seed=seed, precision=precision))
        with _progress() as report:
            outcome = check_all(
                found.theorems,
                trials=trials,
                level=level,
                seed=seed,
                device=device,
                precision=precision,
                report=report,
                workers=cores,
                ahead=ahead,
            )
            if ablate:
                from boundcheck.check.ablation.run import with_ablations

                outcome = with_ablations(
                    outcome, found.theorems, trials=trials, level=level, seed=seed, workers=cores, report=report
                )
    from rich.console import Console

    from boundcheck.report.points import render_points
    from boundcheck.report.record import dump
    from boundcheck.report.table import render

    errors = (*found.errors, *outcome.errors)
    if as_json:
        click.echo(dump(outcome.verdicts))
    elif outcome.verdicts:
        console = Console()
        for verdict in outcome.verdicts if points else ():
            render_points(verdict, console)
        render(outcome.verdicts, console, failed=len(errors))
        if ablate:
            from boundcheck.report.ablation import render_ablations

            render_ablations(outcome.verdicts, console)
    for message in errors:
        _complain(message)
    return BAD_INPUT if found.errors else outcome.exit_status


def _plan(targets: Sequence[str], as_json: bool, **common: Any) -> int:
    """Show what trials there would be."""
    from boundcheck.check.announce import forecast
    from boundcheck.report.record import plain

    found = _discover(targets)
    with _progress() as report:
        result = forecast(found.theorems, report=report, **common)
    record = result.record()
    if as_json:
        click.echo(json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False))
    elif result.theorems:
        from rich.console import Console

        from boundcheck.report.forecast import render_forecast

        render_forecast(record, Console())
    errors = (*found.errors, *result.errors)
    for message in errors:
        _complain(message)
    return BAD_INPUT if errors else 0


@cli.command("list", short_help="List theorems with their claims.")
@click.argument("targets", metavar="[PATH]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
def list_theorems(targets: tuple[str, ...], as_json: bool) -> int:
    """List theorems with their claims: those in PATHs, or those that ship with boundcheck."""
    records, errors = _records(targets)
    if as_json:
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from boundcheck.report.listing import render_listing

        render_listing(records, Console())
    for message in errors:
        _complain(message)
    return BAD_INPUT if errors else 0


@cli.command(short_help="Show one theorem, also as LaTeX, MathML or Python.")
@click.argument("name")
@click.option("--format", "form", type=click.Choice((*FORMATS, "html")), default="text", show_default=True)
@click.option("--proof", is_flag=True, help="Show how boundcheck derives the bound, as numbered steps.")
@click.option("--winners", is_flag=True, help="Show which inequality gives the smallest bound of each norm, and where.")
def show(name: str, form: str, proof: bool, winners: bool) -> int:
    """Show one theorem: NAME as `boundcheck list` prints it, or PATH::NAME."""
    if proof and winners:
        raise click.UsageError("--proof and --winners show different things: leave one of them out.")
    if winners:
        if form not in WINNER_FORMATS:
            raise click.UsageError(f"winners are not shown as {form}: pass one of {', '.join(WINNER_FORMATS)}.")
        from boundcheck.check.winners import winners_of
        from boundcheck.report.winners import WINNERS

        click.echo(WINNERS[form](winners_of(_theorem(_path(name)))), nl=False)
        return 0
    form = _form(form, proof, "a theorem")
    if proof:
        from boundcheck.check.proof import proof_of
        from boundcheck.report.proof import PROOFS

        click.echo(PROOFS[form](proof_of(_theorem(_path(name)))), nl=False)
        return 0
    from boundcheck.report.theorem import RECORDED

    if "::" not in name:
        record = _record(name)
        if form in RECORDED:
            click.echo(RECORDED[form](record), nl=False)
            return 0
        name = f"{record['file']}::{name}"
    from boundcheck.check.describe import shown

    click.echo(shown(_theorem(name), form), nl=False)
    return 0


def _path(name: str) -> str:
    """PATH::NAME of a theorem, of which the name suffices if it ships."""
    return name if "::" in name else f"{_record(name)['file']}::{name}"


def _form(form: str, proof: bool, what: str) -> str:
    """The format, refused where a proof, or what else is shown, has none like it."""
    allowed = PROOF_FORMATS if proof else FORMATS
    if form not in allowed:
        raise click.UsageError(
            f"{'a proof' if proof else what} is not shown as {form}: pass one of {', '.join(allowed)}."
        )
    return form


def _spec(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that make a SPEC, as one argument `words`."""

    @wraps(command)
    def with_words(
        fcn: str | None,
        cnn: str | None,
        weights: str | None,
        activation: str | None,
        biases: str | None,
        rule: str | None,
        **others: Any,
    ) -> int:
        from boundcheck.statement.spec import Words

        return command(Words(fcn, cnn, weights, activation, rule, biases), **others)

    options = (
        click.option("--fcn", metavar="WIDTHS", help="Widths of the layers, input first: 784,1024,10."),
        click.option("--cnn", metavar="FILE.toml", help="A convolutional network in a TOML file (see the README)."),
        click.option(
            "--weights",
            help="LAW:K, scaled by 1/sqrt(taps*max(fan in, fan out)).  [default: uniform:1, or as the file says]",
        ),
        click.option(
            "--activation",
            help="relu, leaky_relu[:SLOPE], tanh or identity.  [default: relu, or as the file says]",
        ),
        click.option(
            "--biases",
            help="LAW:K of biases, which are not scaled, or none.  [default: none, or as the file says]",
        ),
        click.option(
            "--prune",
            "rule",
            metavar="RULE:AMOUNT",
            help="magnitude, random, filter or random_filter with alpha=0.5, fraction=0.1 or count=1000; "
            "bernoulli:fraction=0.1.",
        ),
        click.option("--radius", default="1", show_default=True, help="Radius of the input ball."),
        click.option("--delta", default="0.01", show_default=True, help="Failure probability."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else."),
    )
    for option in reversed(options):
        with_words = option(with_words)
    return with_words


@cli.command(short_help="Derive and evaluate a bound for a network.")
@_spec
@click.option("--inputs", metavar="N", help="Bound the gap at N fixed inputs only, not on the whole ball.")
@click.option("--candidates", is_flag=True, help="Also show what every applicable inequality gives.")
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default=SPLITS[0],
    show_default=True,
    help="Shares of delta: equal ones, or those with the smallest bound.",
)
@click.option("--explain", is_flag=True, help="Say which term dominates, and what would change the bound.")
@click.option("--proof", is_flag=True, help="Show how the bound is derived, as numbered steps.")
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMATS, "html")),
    default="text",
    show_default=True,
    help="python: one plain module. html: with --proof.",
)
def bound(
    words: Words,
    radius: str,
    delta: str,
    as_json: bool,
    inputs: str | None,
    candidates: bool,
    split: str,
    proof: bool,
    explain: bool,
    form: str,
) -> int:
    """Derive and evaluate a bound that the gap exceeds with probability at most delta.

    The network is --fcn WIDTHS or --cnn FILE.toml. With --inputs N the gap is the largest at any N inputs of the ball
    that are fixed before the weights are drawn, as those of a test set are: a smaller bound of less.
    """
    from boundcheck.check.describe import bound_report
    from boundcheck.check.forms import FORMS
    from boundcheck.report.record import plain

    form = _form("json" if as_json else form, proof, "a bound")
    report = bound_report(words.pruned(), delta=delta, radius=radius, inputs=inputs, split=split)
    explanation = None
    if explain:
        from boundcheck.check.explain import explained

        explanation = explained(report.bound)
        report.record["explain"] = explanation
    if proof:
        from boundcheck.check.proof import proof_record
        from boundcheck.report.proof import PROOFS

        click.echo(PROOFS[form](proof_record(report.bound.derivation)), nl=False)
    elif form in FORMS:
        click.echo(FORMS[form](report.bound), nl=False)
    elif form == "json":
        click.echo(json.dumps(plain(report.record), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.bound import render_bound

        console = Console()
        render_bound(report.record, str(report.pruned), console, candidates=candidates)
        if explanation is not None:
            from boundcheck.report.explain import render_explanation

            console.print()
            render_explanation(explanation, console)
    return 0


@cli.command(short_help="Solve a bound for a width, an amount, delta or epsilon.")
@_spec
@click.option("--for", "unknown", type=click.Choice(UNKNOWNS), required=True, help="What to solve for.")
@click.option("--epsilon", default="0.1", show_default=True, help="The gap that is allowed.")
def solve(words: Words, radius: str, delta: str, as_json: bool, unknown: str, epsilon: str) -> int:
    """Solve the bound that `boundcheck bound` derives for one of its arguments, so that gap ≤ epsilon.

    width: the smallest d, where the SPEC says d in place of a width (--fcn 784,d,d,10, or outputs = "2*d" in the file).
    prune: the largest amount that --prune magnitude (or :fraction, :count, :alpha) may remove. delta: the smallest
    failure probability. epsilon: the bound itself.

    Exit status: 0 solved, 1 there is no solution in the range that is searched, 2 bad input.
    """
    from boundcheck.check.invert import solve_report
    from boundcheck.report.record import plain

    record = solve_report(words, unknown, epsilon=epsilon, delta=delta, radius=radius)
    if as_json:
        click.echo(json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.solution import render_solution

        render_solution(record, Console())
    return 0 if record["value"] is not None else 1


@cli.command(short_help="Re-check the certificates of a record.")
@click.argument("record", metavar="RECORD.json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
def verify(record: str, as_json: bool) -> int:
    """Re-check proofs and refutations: RECORD.json is what `boundcheck check --json` printed, or - for stdin.

    A certificate says what a proof or refutation rests on, so that re-checking takes no search and runs no theorem
    file.

    Exit status: 0 every certificate holds, 1 one is rejected, 2 no such record, 3 no certificate in it.
    """
    from dataclasses import asdict

    from boundcheck.check.verify import verify_records
    from boundcheck.report.record import plain

    found = verify_records(_verdicts(record))
    results = [asdict(verification) for verification in found]
    if as_json:
        click.echo(json.dumps(plain(results), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from boundcheck.report.verification import render_verifications

        render_verifications(results, Console())
    outcomes = {verification.outcome for verification in found}
    return 1 if "rejected" in outcomes else 0 if "verified" in outcomes else NOTHING_DECIDED


def _verdicts(path: str) -> list[dict[str, Any]]:
    """The verdicts in a file that holds what `check --json` printed, or on stdin."""
    remedy = "pass what `boundcheck check --json` printed, or - for stdin"
    try:
        with click.open_file(path, "rb") as file:
            records = json.loads(file.read(), parse_constant=_no_number)
    except OSError as error:
        raise InvalidArgument("RECORD.json", path, f"cannot be read ({error.strerror})", remedy) from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("RECORD.json", path, f"is not JSON ({error})", remedy) from None
    if not (isinstance(records, list) and all(isinstance(item, dict) for item in records)):
        raise InvalidArgument("RECORD.json", path, "is not a list of verdicts", remedy)
    for key in ("theorem", "status"):
        if not all(isinstance(item.get(key), str) for item in records):
            raise InvalidArgument("RECORD.json", path, f"has a verdict without a {key}", remedy)
    return records


def _no_number(token: str) -> None:
    raise ValueError(f"{token} is not a JSON value")


def _discover(targets: Sequence[str], found: Callable[[Theorem], None] = lambda theorem: None) -> Discovery:
    from boundcheck.statement.discovery import discover, library, shipped

    return discover(targets or [str(shipped()), str(library())], found)


def _records(targets: Sequence[str]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The records of the theorems named, or of those that ship, and what could not be loaded."""
    from boundcheck.check.catalogue import records_of, shipped_records

    return records_of(targets) if targets else shipped_records()


def _record(name: str) -> dict[str, Any]:
    """The record of the theorem of this name that ships."""
    from difflib import get_close_matches

    known = {record["theorem"]: record for record in reversed(_records(())[0])}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=4)
    remedy = f"one of {', '.join(near)}" if near else "a name that `boundcheck list` prints"
    raise InvalidArgument("NAME", name, "is not a theorem that ships with boundcheck", f"pass PATH::NAME, or {remedy}")


def _theorem(target: str) -> Theorem:
    """The theorem at PATH::NAME."""
    found = _discover([target])
    if not found.theorems:
        raise TheoremFileError(found.errors[0])
    return found.theorems[0]


@contextmanager
def _progress() -> Iterator[Listener | None]:
    """A progress bar on a terminal, nothing when stderr is piped."""
    from rich import progress as bar
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.TaskProgressColumn(),
        bar.TimeElapsedColumn(),
        bar.TimeRemainingColumn(),
    )
    with bar.Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("planning", total=None)
        yield lambda name, share: progress.update(task, description=name, completed=share, total=1)


def _complain(message: str) -> None:
    click.echo(f"boundcheck: {message}", err=True)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; mistakes of the user's are one line on stderr and status 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show ‖ or ≤ gets an escape instead of an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(
            cli.main(list(arguments) if arguments is not None else None, "boundcheck", standalone_mode=False) or 0
        )
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        _complain(f"{' '.join(error.format_message().split())} See boundcheck --help.")
        return BAD_INPUT
    except BoundcheckError as error:
        _complain(str(error))
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        _complain("stopped")
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader of our output left, as `head` does (rich turns that into SystemExit).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        _complain(f"output failed: {error.strerror}; write to a place with room")
        return BAD_INPUT
