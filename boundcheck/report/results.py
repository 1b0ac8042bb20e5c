"""Verdicts of a campaign or a record as a table: one line a point."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.words import ALARM, STYLES, WIDE, number, place, plain_table, ratio
from boundcheck.verdict.status import Status

_NAME_WIDTH = 26
"""Of names of theorems that are not broken."""
AGAINST = {"REFUTED", "SCALING BROKEN"}
_LEGEND = (
    "Used up: largest gap seen over bound (a share delta of trials may exceed it), exact left over right side, or rate "
    "of violations over claim."
)
_WIDE_LEGEND = " Claimed: the right side; At most: the left side, for sure or with confidence."


def render_results(listing: Mapping[str, Any], console: Console) -> None:
    """Print a summary, a table of rows, and what was left out of it.

    Parameters
    ----------
    listing
        As :func:`boundcheck.check.results.listing.overview` makes it, with `rows` (of the view `results`) and
        `columns` (None for the usual ones).
    console
        Where to print; below 100 columns the usual ones are fewer.
    """
    expected = {tuple(pair) for pair in listing["refuted_expected"]}
    console.print(Padding(_summary(listing, expected), (0, 1)))
    if not listing["rows"]:
        what = "no row matches" if sum(listing["statuses"].values()) else "no point has a verdict yet"
        console.print(Padding(Text(what), (0, 1)))
        return
    usual = listing["columns"] is None
    if usual:
        console.print(_usual_table(listing["rows"], expected, wide=console.width >= WIDE))
    else:
        console.print(_chosen_table(listing["rows"], listing["columns"]))
    shown, matching = len(listing["rows"]), listing["matching"]
    if shown < matching:
        console.print(Padding(Text(f"{shown:,} of {matching:,} rows; --limit 0 for all"), (0, 1)))
    if usual:
        legend = _LEGEND + _WIDE_LEGEND * (console.width >= WIDE)
        console.print(Padding(Text(legend, "dim"), (0, 1)))


def _summary(listing: Mapping[str, Any], expected: set[tuple[str, ...]]) -> Text:
    done, planned = listing["done"], listing["planned"]
    line = Text(listing["name"] or "", "bold")
    line.append(f": {done:,} of {planned:,} points done", "bold")
    if 0 < done < planned:
        line.append(f" ({100 * done / planned:.3g} %)")
    for position, (status, count) in enumerate(listing["statuses"].items()):
        line.append(", " if position else ": ")
        # With theorems that must come out refuted, a count alone is no alarm.
        line.append(f"{count:,} {status.lower()}", ALARM if status in AGAINST and not expected else "")
    if listing["unexpected"] and expected:
        line.append(f"; {listing['unexpected']:,} refuted where it should not be", ALARM)
    if listing["level"]:
        line.append(f". Level {listing['level']}", "dim")
    worst = listing["worst"]
    if worst is not None:
        line.append("\nMost of a claim is used up")
        line.append(f": {ratio(float(worst['worst']))} at point {worst['point']}, ", "bold")
        line.append(f"{full_name(worst)}, {_where(worst)}")
    return line


def _usual_table(rows: Iterable[Mapping[str, Any]], expected: set[tuple[str, ...]], *, wide: bool) -> Table:
    rows = list(rows)
    table = plain_table()
    table.add_column("Point", justify="right", no_wrap=True)
    if wide:
        longest = max(len(full_name(row)) for row in rows)
        table.add_column("Theorem", overflow="fold", ratio=2, min_width=min(longest, _NAME_WIDTH))
    table.add_column("Where", overflow="fold", ratio=3, min_width=20)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Used up", justify="right", no_wrap=True)
    if wide:
        for heading in ("Claimed", "At most", "Trials"):
            table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        where = Text(_where(row))
        if row["law"] and row["kind"] == "sample":
            where.append(f"  {row['law']}", "dim")
        name = Text(full_name(row))
        cells = [Text(str(row["point"])), *([name, where] if wide else [Text("\n").join([name, where])])]
        cells += [status_cell(row, expected), Text(ratio(row["worst"]))]
        if wide:
            trials = f"{row['trials']:,}" if row["trials"] else "exact" if row["exact"] else "-"
            cells += [Text(number(row["claimed_high"])), Text(number(row["limit_high"])), Text(trials)]
        table.add_row(*cells)
    return table


def _chosen_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    table = plain_table()
    rows = list(rows)
    for name in columns:
        numeric = all(not isinstance(row[name], str) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in columns))
    return table


def _cell(name: str, value: Any) -> Text:
    if name == "status":
        return Text(value, ALARM if value in AGAINST else _style(value))
    if name == "parameters":
        return Text(place(json.loads(value)))
    return Text(number(value) if isinstance(value, float) else "-" if value is None else str(value))


def status_cell(row: Mapping[str, Any], expected: set[tuple[str, ...]]) -> Text:
    """The status of a point, in the style of an alarm if its theorem should hold and does not."""
    status, against = row["status"], row["status"] in AGAINST
    if against and (row["study"], row["theorem"]) in expected:
        cell = Text(f"{status} as expected", "green")
    else:
        cell = Text(f"{status}{'!' * against}", ALARM if against else _style(status))
    if row["vacuous"]:
        cell.append("\nvacuous", "magenta")
    return cell


def _style(status: str) -> str:
    return STYLES[Status(status)] if status in set(Status) else "bold magenta"


def full_name(row: Mapping[str, Any]) -> str:
    """Study and theorem of a point."""
    return f"{row['study']}/{row['theorem']}"


def _where(row: Mapping[str, Any]) -> str:
    """What tells a point from the others of its theorem, in few words."""
    parameters = row["parameters"]
    if isinstance(parameters, str):
        parameters = json.loads(parameters)
    parts = [row["architecture"], row["pruning"], *(f"{name}={value}" for name, value in parameters.items())]
    # What is not as it is by default.
    for name, usual in (("weights", "uniform:1"), ("activation", "relu"), ("seed", 0)):
        if row[name] not in (None, usual):
            parts.append(f"{name}={row[name]}")
    return " ".join(filter(None, parts)) or "-"
