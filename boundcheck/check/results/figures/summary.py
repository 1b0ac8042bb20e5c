"""One row for each theorem, sorted, with how much of the claim is used up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boundcheck.check.results.figures.words import spreads, table

ROWS = 30
"""A figure shows no more rows."""
LEAST, MOST = 1e-6, 1e6
"""Ratios beyond are drawn at the end of the axis."""


@dataclass(frozen=True)
class Entry:
    """One row: the left side over the right side, and its limits where it has any."""

    study: str
    name: str
    seen: float | None
    low: float | None
    high: float | None
    cells: tuple[object, ...]

    @property
    def key(self) -> float:
        """By which rows are sorted: what speaks most against the claim."""
        return max((value for value in (self.seen, self.high, self.low) if value is not None), default=-math.inf)


def summary(entries: Sequence[Entry], *, id: str, title: str, label: str, columns: Sequence[str]) -> dict[str, Any]:
    """A figure whose rows are theorems, the largest ratio first; `alt` is left to the caller.

    Parameters
    ----------
    entries
        In the order of the campaign, which decides between equal ratios.
    id, title, label
        Of the figure, and of its axis.
    columns
        Of the cells of entries, in the table.
    """
    rows = sorted(entries, key=lambda entry: -entry.key)
    shown = rows[:ROWS]
    several = len({entry.study for entry in entries}) > 1
    values = [value for entry in shown for value in (entry.seen, entry.low, entry.high) if value is not None]
    finite = [value for value in values if 0 < value < math.inf]
    axis: dict[str, Any] = {
        "label": label,
        "log": spreads([*(entry.key for entry in shown if entry.key < math.inf), 1.0]),
    }
    if axis["log"]:
        axis["floor"] = max(min([*finite, 1.0]), LEAST) / 1.5
        axis["ceiling"] = min(max([*finite, 1.0]), MOST) * 1.5
    elif math.inf in values:
        axis["ceiling"] = 1.05 * max([*finite, 1.0])
    hollow = any(not axis.get("floor", -math.inf) <= value <= axis.get("ceiling", math.inf) for value in values)
    barred = any(entry.low is not None or entry.high is not None for entry in shown)
    return {
        "id": id,
        "title": title,
        "study": None,
        "x": axis,
        "y": {"label": "", "log": False, "categories": [_label(entry, several) for entry in shown]},
        "series": [
            {
                "name": label,
                "kind": "limits" if barred else "points",
                "group": "",
                "x": [entry.seen for entry in shown],
                "y": list(range(len(shown))),
                "low": [entry.low for entry in shown] if barred else None,
                "high": [entry.high for entry in shown] if barred else None,
                "horizontal": True,
            }
        ],
        "lines": [{"x": 1.0, "name": "the claim"}],
        "table": table(
            ["study", "theorem or group", *columns, "largest of these"],
            [[entry.study, entry.name, *entry.cells, entry.key] for entry in rows],
        ),
        "alt": "",
        "caption": " Hollow markers, and bars without a stroke across, go beyond the axis." * hollow
        + (f" {len(shown)} of {len(rows)} rows are drawn, the largest." if len(shown) < len(rows) else ""),
    }


def _label(entry: Entry, several: bool) -> str:
    return f"{entry.study}: {entry.name}" if several else entry.name
