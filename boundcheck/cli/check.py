"""`boundcheck check`: theorems of the user's, or those that ship."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from boundcheck.check.options import DEFAULT_LEVEL, DEFAULT_PRECISION, PRECISIONS, validate
from boundcheck.cli.common import BAD_INPUT, complain, discovered, progress


@click.command()
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

        found = discovered(targets, partial(begin, ahead, trials=trials, seed=seed, precision=precision))
        with progress() as report:
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
        complain(message)
    return BAD_INPUT if found.errors else outcome.exit_status


def _plan(targets: Sequence[str], as_json: bool, **common: Any) -> int:
    """Show what trials there would be."""
    from boundcheck.check.announce import forecast
    from boundcheck.report.record import plain

    found = discovered(targets)
    with progress() as report:
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
        complain(message)
    return BAD_INPUT if errors else 0
