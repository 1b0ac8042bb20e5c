"""Everything about one point of a campaign, and how to run it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.results import full_name, status_cell
from boundcheck.report.words import place, plain_table

_NESTED = ("about", "verdict", "measured", "reproduce", "spec")


def render_point(record: Mapping[str, Any], console: Console) -> None:
    """Print everything about one point, and how to run it again.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.results.listing.everything` makes it.
    console
        Where to print.
    """
    about, verdict = record["about"] or {}, record["verdict"]
    heading = Text.assemble((f"Point {record['id']}", "bold"), f"  {full_name(record)}  ")
    if verdict is None:
        heading.append("no verdict yet", "yellow")
    else:
        refuted = [] if about.get("expected", 1) else [(record["study"], record["theorem"])]
        heading.append(status_cell({**record, **verdict}, set(refuted)))
    console.print(Padding(heading, (0, 1)))
    claim = {key: about.get(key) for key in ("claim", "source", "file")}
    asked = {key: record[key] for key in record if key not in (*_NESTED, "id", "study", "theorem", "concluded")}
    _facts("Asked", claim | asked, console)
    _facts("Run with", record["spec"], console)
    if verdict is not None:
        skipped = ("point", "status", "vacuous", "details")
        _facts("Came out", {key: value for key, value in verdict.items() if key not in skipped}, console)
        found = (verdict["details"] or {}).get("counterexample")
        if found:
            _facts("Counterexample", found, console)
    if record["measured"]:
        console.print(Padding(Text("Batches", "bold"), (1, 1, 0, 1)))
        console.print(_batches(record["measured"]))
    command = "The bound again" if record["kind"] == "network" else "The theorem again"
    for name, words in (("command", command), ("python", "The trials again, or the point, in Python")):
        if name in record["reproduce"]:
            console.print(Padding(Text(words, "bold"), (1, 1, 0, 1)))
            # Unwrapped, so that it can be copied.
            console.print(Text(record["reproduce"][name].rstrip()), soft_wrap=True)


def _facts(heading: str, facts: Mapping[str, Any], console: Console) -> None:
    known = {key: value for key, value in facts.items() if value not in (None, {}, "")}
    if not known:
        return
    console.print(Padding(Text(heading, "bold"), (1, 1, 0, 1)))
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in known.items():
        table.add_row(f"  {key}", _fact(value))
    console.print(table)


def _fact(value: Any) -> Text:
    """A value with all its digits."""
    if isinstance(value, Mapping):
        return Text(place({key: item for key, item in value.items() if item is not None}))
    return Text(str(value))


def _batches(batches: Iterable[Mapping[str, Any]]) -> Table:
    table = plain_table()
    for name in ("Batch", "Trials", "Violations", "Open", "Seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Where and when", overflow="fold", ratio=1)
    for row in batches:
        trials = f"{row['start']:,} to {row['start'] + row['trials'] - 1:,}" if row["trials"] else "-"
        cells = [f"{row['batch']}", trials, f"{row['violations']:,}", f"{row['open']:,}", f"{row['seconds']:.3g}"]
        table.add_row(*map(Text, [*cells, f"{row['worker']}, {row['finished']}"]))
    return table
