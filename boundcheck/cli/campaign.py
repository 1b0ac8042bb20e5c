"""`boundcheck run`: a campaign."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from boundcheck.cli.common import complain

if TYPE_CHECKING:
    from boundcheck.check.campaign.run import Outcome

INTERRUPTED = 130


@click.command()
@click.argument("campaign", metavar="CAMPAIGN.toml")
@click.option("--store", required=True, metavar="FILE.db", help="Where results are kept; made if there is none.")
@click.option("--workers", type=int, metavar="N", help="Run batches in N processes (needs boundcheck[dask]).")
@click.option("--dask", metavar="ADDRESS", help="Run batches on a Dask cluster: tcp://scheduler:8786.")
@click.option("--json-lines", is_flag=True, help="Print one JSON document per event on stdout and nothing else.")
def run_command(campaign: str, store: str, workers: int | None, dask: str | None, json_lines: bool) -> int:
    """Run a campaign: many points of theorems and networks, described in CAMPAIGN.toml (or .py, which is run).

    What is done is kept in the store. Stopped at any moment, by Ctrl-C or worse, the same command goes on; several
    processes may share the work of one store.

    Exit status: 0 all as expected, 1 something refuted, 2 bad input or points that cannot be tested, 3 nothing refuted
    but something inconclusive, 130 stopped.
    """
    from boundcheck.check.campaign.run import run_campaign
    from boundcheck.statement.campaign import load_campaign

    described = load_campaign(campaign)
    with _stoppable(), _lines() if json_lines else _bar() as listen:
        try:
            outcome = run_campaign(described, store, workers=workers, dask=dask, listen=listen)
        except KeyboardInterrupt:
            listen({"event": "stopped"})
            again = ["boundcheck", "run", campaign, "--store", store]
            again += ["--workers", str(workers)] if workers is not None else []
            again += ["--dask", dask] if dask is not None else []
            complain(f"stopped; what is done is kept. Go on with: {shlex.join(again)}")
            return INTERRUPTED
    if not json_lines:
        _say(outcome, store)
    for problem in outcome.problems:
        complain(problem)
    return outcome.exit_status


def _say(outcome: Outcome, store: str) -> None:
    from rich.console import Console

    from boundcheck.report.campaign import render_outcome

    render_outcome(vars(outcome), store, Console())


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let a request to end, as batch systems make it, stop a run as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _lines() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Events as JSON, one a line, at once."""
    from boundcheck.report.record import plain

    yield lambda event: click.echo(json.dumps(plain(event), ensure_ascii=False, allow_nan=False))


@contextmanager
def _bar() -> Iterator[Callable[[dict[str, Any]], None]]:
    """A progress bar on a terminal, nothing when stderr is piped."""
    from rich import progress as bar
    from rich.console import Console

    from boundcheck.report.campaign import progress_words

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda event: complain(event["message"]) if event["event"] == "notice" else None
        return
    columns = (
        bar.BarColumn(bar_width=None),
        bar.TaskProgressColumn(),
        bar.TextColumn("{task.description}"),
    )
    with bar.Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task("planning", total=None)

        def listen(event: dict[str, Any]) -> None:
            if event["event"] == "notice":
                console.print(f"boundcheck: {event['message']}", highlight=False, markup=False)
            words = progress_words(event)
            if words is not None:
                progress.update(task, description=words)
            if event["event"] in ("start", "progress"):
                progress.update(task, completed=event["batches_done"], total=event["batches"])

        yield listen
