"""What commands share: theorems by name, progress, complaints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from boundcheck.check.options import FORMATS, PROOF_FORMATS
from boundcheck.errors import InvalidArgument, TheoremFileError

if TYPE_CHECKING:
    from boundcheck.check.run import Listener
    from boundcheck.statement.discovery import Discovery
    from boundcheck.statement.theorem import Theorem

BAD_INPUT = 2
NOTHING_DECIDED = 3


def require_form(form: str, proof: bool, what: str) -> str:
    """The format, refused where a proof, or what else is shown, has none like it."""
    allowed = PROOF_FORMATS if proof else FORMATS
    if form not in allowed:
        raise click.UsageError(
            f"{'a proof' if proof else what} is not shown as {form}: pass one of {', '.join(allowed)}."
        )
    return form


def discovered(targets: Sequence[str], found: Callable[[Theorem], None] = lambda theorem: None) -> Discovery:
    """The theorems in the files and folders named, or those that ship; `found` is called with each at once."""
    from boundcheck.statement.discovery import discover, library, shipped

    return discover(targets or [str(shipped()), str(library())], found)


def named_records(targets: Sequence[str]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The records of the theorems named, or of those that ship, and what could not be loaded."""
    from boundcheck.check.catalogue import records_of, shipped_records

    return records_of(targets) if targets else shipped_records()


def shipped_record(name: str) -> dict[str, Any]:
    """The record of the theorem of this name that ships."""
    from difflib import get_close_matches

    known = {record["theorem"]: record for record in reversed(named_records(())[0])}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=4)
    remedy = f"one of {', '.join(near)}" if near else "a name that `boundcheck list` prints"
    raise InvalidArgument("NAME", name, "is not a theorem that ships with boundcheck", f"pass PATH::NAME, or {remedy}")


def theorem_at(target: str) -> Theorem:
    """The theorem at PATH::NAME."""
    found = discovered([target])
    if not found.theorems:
        raise TheoremFileError(found.errors[0])
    return found.theorems[0]


@contextmanager
def progress() -> Iterator[Listener | None]:
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


def complain(message: str) -> None:
    """One line on stderr."""
    click.echo(f"boundcheck: {message}", err=True)
