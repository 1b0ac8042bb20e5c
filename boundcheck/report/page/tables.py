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
    """A heading, and whether numbers are below it."""

    heading: str
    numbers: bool = False


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
    heads = ("Points", "Gap seen", "Sure", "T1", "Bound", "Sure / gap", "T1 / gap", "Bound / T1", "Bound / gap", "… from", "… to")
    table = Table(
        "At the point of each group at which the bound is tightest: gap seen ≤ sure bound ≤ T1 at the realised norms ≤ "
        "bound of the theorem. The last two columns are the range of bound / gap over all points of the group.",
        (Column("Theorem"), Column("Pruning"), *(Column(head, numbers=True) for head in heads)),
    )
    for row in rows:
        gap, sure, top, bound = row["gap"], row["sure"], row["certificate"], row["bound"]
        seen = row["attack"] if row["attack"] is not None and gap is not None and row["attack"] > gap else gap
        ratios = (_ratio(sure, seen), _ratio(top, gap), _ratio(bound, top), _ratio(bound, gap))
        values = (gap, sure, top, bound, *ratios, row["least"], row["most"])
        table.rows.append(
            [Cell(row["theorem"]), Cell(row["rule"] or "–"), numeric(row["points"]), *map(numeric, values)]
        )
    return table


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def worst_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The points at which most of the claim is used up."""
    table = Table(
        f"The {counted(len(rows), 'point')} at which most of a claim is used up, the tightest first. A ratio of 1 is "
        "tight, above 1 speaks against the claim.",
        (
            Column("Point", numbers=True),
            Column("Theorem"),
            Column("Verdict"),
            Column("Worst ratio", numbers=True),
            Column("Where"),
            Column("Law"),
        ),
    )
    for row in rows:
        table.rows.append(
            [
                Cell(str(row["point"])),
                Cell(row["theorem"]),
                Cell(row["status"], badge=status_badge(row["status"])),
                numeric(row["worst"]),
                Cell(place(row)),
                Cell(row["law"] or "–"),
            ]
        )
    return table


def problem_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The points that are not as claimed, with the reason."""
    table = Table(
        "Points that are refuted, could not be evaluated, or are undecided. The left side of the claim lies between the "
        "limits.",
        (
            Column("Point", numbers=True),
            Column("Theorem"),
            Column("Verdict"),
            Column("Where"),
            Column("Why"),
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
                Cell(row["status"], badge=status_badge(row["status"])),
                Cell(place(row)),
                Cell(row["note"]),
                numeric(row["claimed_high"]),
                Cell(between, exact),
                Cell(_trials(row)),
            ]
        )
    return table


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
    words += [f"{'δ' if name == 'delta' else name} = {value}" for name, value in parameters.items()]
    if row["architecture"] and row["delta"] is not None and "delta" not in parameters:
        words.append(f"δ = {row['delta']:g}")
    words.append(f"seed {row['seed']}" if row["seed"] is not None else None)
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
    return Table(f"Data of the figure “{figure['title']}”.", columns, cells)
