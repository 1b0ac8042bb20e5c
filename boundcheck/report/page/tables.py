"""The tables of a report as plain cells, the same for every format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from boundcheck.report.page.words import Badge, counted, number, status_badge


@dataclass(frozen=True)
class Cell:
    """What is shown, and all of it where what is shown is rounded."""

    text: str
    exact: str = ""
    badge: Badge | None = None
    code: bool = False


@dataclass(frozen=True)
class Column:
    """A heading, and whether numbers or sentences are below it."""

    heading: str
    numbers: bool = False
    long: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first cell of a row says what the row is about."""

    caption: str
    columns: Sequence[Column]
    rows: list[list[Cell]] = field(default_factory=list)


def numeric(value: Any, digits: int = 4) -> Cell:
    """A number, with all its digits where not all are shown."""
    text = number(value, digits)
    exact = repr(value) if isinstance(value, float) and repr(value) not in (text, f"{text}.0") else ""
    return Cell(text, exact)


def ladder_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """How much each step from the gap that was seen to the bound loses, at the tightest point of each group."""
    heads = (
        "Points",
        "Gap seen",
        "Search",
        "Sure",
        "T1",
        "Bound",
        "Sure / search",
        "T1 / gap",
        "Bound / T1",
        "Bound / gap",
    )
    table = Table(
        "At the point of each group at which the bound is tightest: the gap seen in trials ≤ T1 at the realised norms "
        "≤ the bound of the theorem (in all but a share δ of draws). Of the trials that were looked at closer: the gap "
        "that a search for inputs found, and the sharpest certified bound of it. The range is that of bound / gap over "
        "all points.",
        (
            Column("Theorem"),
            Column("Study"),
            Column("Pruning"),
            *(Column(head, numbers=True) for head in (*heads, "Range")),
        ),
    )
    for row in rows:
        gap, search, sure, top, bound = (row[name] for name in ("gap", "attack", "sure", "certificate", "bound"))
        ratios = (_ratio(sure, search), _ratio(top, gap), _ratio(bound, top), _ratio(bound, gap))
        table.rows.append(
            [
                Cell(row["theorem"]),
                Cell(row["study"]),
                Cell(row["rule"] or "–"),
                numeric(row["points"]),
                *map(numeric, (gap, search, sure, top, bound, *ratios)),
                _range(row["least"], row["most"]),
            ]
        )
    return _telling(table)


def _range(low: float | None, high: float | None) -> Cell:
    shown = [number(low), number(high)]
    if shown[0] == shown[1]:
        return numeric(low)
    return Cell(" to ".join(shown), f"{low!r} to {high!r}")


def _telling(table: Table) -> Table:
    """The table without columns in which nothing is known, and without the study where there is one."""
    kept = []
    for i, column in enumerate(table.columns):
        found = {row[i].text for row in table.rows}
        if not table.rows or (found - {"–", ""} and (column.heading != "Study" or len(found) > 1)):
            kept.append(i)
    return Table(table.caption, [table.columns[i] for i in kept], [[row[i] for i in kept] for row in table.rows])


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def worst_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The points at which most of the claim is used up."""
    table = Table(
        f"The {counted(len(rows), 'point')} at which most of a claim is used up, the tightest first. A ratio of 1 is "
        "tight. Above 1 speaks against the claim, except for a gap, which may exceed its bound in a share δ of the "
        "trials.",
        (
            Column("Point", numbers=True),
            Column("Theorem"),
            Column("Study"),
            Column("Verdict"),
            Column("Worst ratio", numbers=True),
            Column("Where", long=True),
            Column("Law"),
        ),
    )
    for row in rows:
        table.rows.append(
            [
                Cell(str(row["point"])),
                Cell(row["theorem"]),
                Cell(row["study"]),
                Cell(row["status"], badge=status_badge(row["status"])),
                numeric(row["worst"]),
                Cell(place(row)),
                Cell(row["law"] or "–"),
            ]
        )
    return _telling(table)


def problem_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The points that are not as claimed, with the reason."""
    table = Table(
        "Points that are refuted, could not be evaluated, or are undecided. The left side of the claim lies between "
        "the limits.",
        (
            Column("Point", numbers=True),
            Column("Theorem"),
            Column("Study"),
            Column("Verdict"),
            Column("Where", long=True),
            Column("Why", long=True),
            Column("Claimed", numbers=True),
            Column("Limits", numbers=True),
            Column("Violations", numbers=True),
        ),
    )
    for row in rows:
        limits = [row["limit_low"], row["limit_high"]]
        between = " to ".join(map(number, limits)) if any(limit is not None for limit in limits) else "–"
        exact = " to ".join(map(repr, limits)) if any(limit is not None for limit in limits) else ""
        table.rows.append(
            [
                Cell(str(row["point"])),
                Cell(row["theorem"]),
                Cell(row["study"]),
                Cell(row["status"], badge=status_badge(row["status"])),
                Cell(place(row)),
                Cell(row["note"]),
                numeric(row["claimed_high"]),
                Cell(between, exact),
                Cell(_trials(row)),
            ]
        )
    return _telling(table)


def _trials(row: Mapping[str, Any]) -> str:
    if not row["trials"]:
        return "–"
    still = f", {row['open']:,} open" if row["open"] else ""
    return f"{row['violations'] or 0:,} of {row['trials']:,}{still}"


def place(row: Mapping[str, Any]) -> str:
    """Which point it is, in words: network, pruning and δ, or parameters; and the seed."""
    words = [row["architecture"], row["activation"], row["weights"], row["pruning"]]
    try:
        parameters = json.loads(row["parameters"])
    except ValueError:
        parameters = {}
    if not isinstance(parameters, Mapping):
        parameters = {}
    words += [f"{'δ' if name == 'delta' else name}\u00a0=\u00a0{value}" for name, value in parameters.items()]
    if row["architecture"] and row["delta"] is not None and "delta" not in parameters:
        words.append(f"δ\u00a0=\u00a0{row['delta']:g}")
    words.append(f"seed\u00a0{row['seed']}" if row["trials"] else None)
    return ", ".join(word for word in words if word)


def figure_table(figure: Mapping[str, Any]) -> Table:
    """The data of a figure."""
    data = figure["table"]
    rows = data["rows"]
    numbers = [
        all(row[i] is None or isinstance(row[i], float | int) for row in rows) for i in range(len(data["columns"]))
    ]
    columns = [Column(str(head), of_numbers) for head, of_numbers in zip(data["columns"], numbers, strict=True)]
    cells = [[numeric(value, 6) for value in row] for row in rows]
    total = data.get("total", len(rows))
    more = f" The first {len(rows):,} of {total:,} rows." if total > len(rows) else ""
    return Table(f"Data of the figure “{figure['title']}”.{more}", columns, cells)
