"""What `boundcheck solve` found, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        none = f"no solution: none from {low} to {high} has a bound of at most {record['epsilon']:g}"
        console.print(Text(none, "yellow"))
        return
    console.print(Text(f"{meaning}: ") + Text(_plain(record), "bold green"))
    lines = []
    if record["for"] != "epsilon":
        lines.append(f"there gap ≤ {rounded_up(record['bound'], 6)}, which is at most {record['epsilon']:g}")
    if record["for"] != "delta":
        lines.append(f"except with probability at most {record['delta']:g}")
    lines.append(_removed(record["removed"], record["sizes"]))
    if record["for"] == "width":
        lines.append(_smaller_widths(record["value"], record["excluded"], record["known_by"]))
        lines.append(_other_widths(record["holds_from"], record["holds_to"], record["searched"][1]))
    for line in lines:
        console.print(line, highlight=False)


def _removed(removed: Sequence[int], sizes: Sequence[int]) -> str:
    counts = ", ".join(f"{k:,} of {size:,}" for k, size in zip(removed, sizes, strict=True))
    total = f"{sum(removed) / sum(sizes):.2%} in all"
    nothing = "; nothing is pruned" if not any(removed) else ""
    return f"removed weights, layer by layer: {counts} ({total}{nothing})"


_KNOWN_BY = {
    "floats": "each was tried in floats",
    "enclosures": "by enclosures of the bound on ranges of widths",
    "both": "by enclosures of the bound on ranges of widths; moments of smaller matrices in floats",
}


def _smaller_widths(value: int, excluded: str | None, known_by: str) -> str:
    if value == 1:
        return "there is no smaller width"
    if excluded is None:
        return "smaller widths are open"
    if int(excluded) == value - 1:
        return f"no smaller width will do ({_KNOWN_BY[known_by]})"
    return f"no width up to {int(excluded):,} will do ({_KNOWN_BY[known_by]}); those between are open"


def _other_widths(holds_from: int | None, holds_to: int | None, last: str) -> str:
    if holds_from is None:
        return f"not every width above it will do, up to {last}"
    return f"every width from {holds_from:,} to {holds_to:,} will do; larger ones were not tried"


def _plain(record: Mapping[str, Any]) -> str:
    """The value: a bound rounded up, anything else as the short decimal that it is."""
    value = record["value"]
    if record["for"] == "epsilon":
        return rounded_up(value, 6)
    return f"{value:,}" if isinstance(value, int) else f"{value:.9g}"
