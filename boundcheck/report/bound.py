"""A derived bound as a table: what each layer contributes and which inequality wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def render_bound(record: Mapping[str, Any], network: str, console: Console) -> None:
    """Print a bound: the network, one row a layer, the formula, and the number.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.describe.bound_report` makes it.
    network
        The pruned network in words.
    console
        Where to print.
    """
    console.print(Text(network, "bold"))
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (
        ("Layer", "right"),
        ("Shape", "right"),
        ("Removed", "right"),
        ("‖W‖ ≤", "right"),
        ("kept ≤", "right"),
        ("removed ≤", "right"),
        ("by", "left"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for i, layer in enumerate(record["layers"], start=1):
        used = {"norm": layer["used"]["norm"], "kept": layer["used"]["kept"], "residual": True}
        values = [f"{layer[name]:.4g}" if used[name] else "-" for name in ("norm", "kept", "residual")]
        by = ", ".join(layer["chosen"][name] for name in ("norm", "kept", "residual") if used[name])
        outputs, inputs = layer["shape"]
        table.add_row(str(i), f"{outputs} × {inputs}", f"{layer['pruned']:,}", *values, by)
    console.print(table)
    console.print()
    formula = record["formula"]["text"].splitlines()[0].partition("   [")[0]
    console.print(Text(formula, "dim"))
    probability = Text(f"with probability at least {1 - record['delta']:.6g}, gap ≤ ")
    console.print(probability + Text(f"{record['epsilon']:.6g}", "bold green"))
    count = len(record["events"])
    console.print(Text(f"({count} events share delta = {record['delta_exact']} equally; '-' is not needed)", "dim"))
