"""The tightness ladder: largest gap seen, search, sharpest certificate, T1 at realised norms, bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from boundcheck.check.results.figures.words import short, span, table
from boundcheck.check.results.filters import ALL, Condition, Filter
from boundcheck.check.results.source import Results

RUNGS = (
    ("largest gap seen", "gap_max"),
    ("found by search", "attack"),
    ("sharpest certificate", "sure"),
    ("T1 at realised norms", "certificate_max"),
    ("bound", "bound"),
)
ROWS = 12
"""A figure shows no more ladders."""
_USABLE = Filter((Condition("bound", ">", 0), Condition("gap_max", ">", 0)))


def ladder_figures(results: Results, where: Filter = ALL) -> list[dict[str, Any]]:
    """One figure with the ladder of each theorem, at the point at which the most of its bound is used up."""
    rows = sorted(_tightest(results, where & _USABLE), key=lambda row: -row["gap_max"] / row["bound"])
    if not rows:
        return []
    shown = rows[:ROWS]
    several = len({row["study"] for row in rows}) > 1
    series = [
        {
            "name": name,
            "kind": "points",
            "group": "",
            "x": [row[key] / row["bound"] if row[key] is not None else None for row in shown],
            "y": list(range(len(shown))),
            "low": None,
            "high": None,
            "horizontal": True,
        }
        for name, key in RUNGS
        if any(row[key] is not None for row in shown)
    ]
    caption = (
        "Each theorem at the point where its largest gap is nearest to the bound. The search and the sharpest "
        "certificate are of the trials that were looked at closer, the others the largest of all trials. Numbers "
        "between two rungs are their ratio."
    )
    steps = [
        {"y": i, "x": low, "to": high, "text": f"×{short(high / low)}"}
        for i, row in enumerate(shown)
        for low, high in _steps(row)
        if short(high / low) != "1"
    ]
    if len(shown) < len(rows):
        caption += f" {len(shown)} of {len(rows)} theorems are drawn, the tightest; the table has more."
    return [
        {
            "id": "ladder",
            "title": "The tightness ladder: from the gap that was seen to the bound",
            "study": None,
            "x": {"label": "share of the bound", "log": True},
            "y": {
                "label": "",
                "log": False,
                "categories": [f"{row['study']}: {row['theorem']}" if several else row["theorem"] for row in shown],
            },
            "series": series,
            "steps": steps,
            "lines": [],
            "table": table(
                ["study", "theorem", "point", *(name for name, _ in RUNGS), "bound ÷ largest gap"],
                [
                    [row["study"], row["theorem"], row["point"], *(row[key] for _, key in RUNGS), times]
                    for row, times in zip(rows, _times(rows), strict=True)
                ],
            ),
            "alt": _alt(rows),
            "caption": caption,
        }
    ]


def _tightest(results: Results, where: Filter) -> list[dict[str, Any]]:
    """Of each theorem the row with the largest gap over bound, of those that were looked at closer if there are any."""
    text, values = where.sql()
    closer = "sure IS NOT NULL"
    best = f"SELECT study, theorem, {closer}, max(gap_max / bound) FROM results WHERE {text} GROUP BY 1, 2, 3"
    # SQLite takes the other columns from the row of the least point.
    shown = f"study, theorem, min(point) AS point, {', '.join(key for _, key in RUNGS)}, {closer} AS closer"
    query = (
        f"SELECT {shown} FROM results WHERE {text} AND (study, theorem, {closer}, gap_max / bound) IN ({best}) "
        f"GROUP BY study, theorem, {closer}"
    )
    cursor = results.connection.execute(query, [*values, *values])
    names = [column[0] for column in cursor.description]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in (dict(zip(names, values, strict=True)) for values in cursor):
        known = found.setdefault((row["study"], row["theorem"]), row)
        if row["closer"] > known["closer"]:
            found[row["study"], row["theorem"]] = row
    return list(found.values())


def _steps(row: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Neighbours on the way up from the largest gap, as shares of the bound; a certificate may lie above the bound."""
    climbed = sorted(
        {row[key] / row["bound"] for _, key in RUNGS if row[key] is not None and row[key] >= row["gap_max"]}
    )
    return list(pairwise(climbed))


def _times(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """The bound over the largest gap seen."""
    return [row["bound"] / row["gap_max"] for row in rows]


def _alt(rows: Sequence[Mapping[str, Any]]) -> str:
    times = _times(rows)
    if len(rows) > 1:
        text = f"In {len(rows)} theorems the bound is {span(times)} times the largest gap seen"
        text = f"{text}; tightest, {rows[0]['theorem']}"
    else:
        text = f"The bound of {rows[0]['theorem']} is {short(times[0])} times the largest gap seen"
    first = rows[0]
    parts = [f"{name} {short(first[key])}" for name, key in RUNGS if first[key] is not None]
    return f"{text}: {', '.join(parts)}."
