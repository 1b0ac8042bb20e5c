"""What `boundcheck solve` found, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from boundcheck.report.bound import rounded_up

_MEANING = {
    "width": "smallest width d",
    "prune": "largest {unit}",
    "delta": "smallest failure probability",
    "epsilon": "gap bound",
}


def render_solution(record: Mapping[str, Any], console: Console) -> None:
    """Print a solution.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.invert.solve_report` makes it.
    console
        Where to print.
    """
    unit = record.get("unit", "")
    meaning = "smallest alpha" if unit == "alpha" else _MEANING[record["for"]].format(unit=unit)
    console.print(Text(record["network"], "bold"))
    console.print()
    if record["value"] is None:
        low, high = record["searched"]
        console.print(
            Text(f"no solution: none from {low} to {high} keeps the bound at {record['epsilon']:g}", "yellow")
        )
        return
    console.print(Text(f"{meaning}: ") + Text(_plain(record), "bold green"))
    if record["for"] != "epsilon":
        console.print(
            f"there gap ≤ {rounded_up(record['bound'], 6)}, which is at most {record['epsilon']:g},", highlight=False
        )
    if record["for"] != "delta":
        console.print(f"except with probability at most {record['delta']:g}", highlight=False)
    if record.get("holds_from") is not None:
        last = record["searched"][1]
        console.print(
            f"every width from {record['holds_from']} to {last} will do; larger ones were not tried", highlight=False
        )
    elif record["for"] == "width":
        console.print(f"not every width above it will do, up to {record['searched'][1]}", highlight=False)


def _plain(record: Mapping[str, Any]) -> str:
    """The value: a bound rounded up, anything else as the short decimal that it is."""
    value = record["value"]
    if record["for"] == "epsilon":
        return rounded_up(value, 6)
    return f"{value:,}" if isinstance(value, int) else f"{value:.9g}"
