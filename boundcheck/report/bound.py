"""A derived bound as a table: what each layer contributes and which inequality wins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def render_bound(record: Mapping[str, Any], network: str, console: Console, *, candidates: bool = False) -> None:
    """Print a bound: the network, one row a layer, the formula, and the number.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.describe.bound_report` makes it.
    network
        The pruned network in words.
    console
        Where to print.
    candidates
        Also print what every applicable inequality gives.
    """
    radius = "" if record["radius"] == 1 else f", inputs with norm at most {record['radius']:g}"
    console.print(Text(network + radius, "bold"))
    fixed = record.get("inputs")
    if fixed is not None:
        console.print(Text(f"at {fixed:,} fixed inputs, independent of the weights: not on the whole ball", "yellow"))
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    biased = any(layer["biases"] for layer in record["layers"])
    added = ("beta: bias ≤",) if biased else ()
    # a bounds the norm of W, or how much longer it makes certain vectors.
    vectors = fixed is not None or any(layer["chosen"]["norm"] == "S5a" for layer in record["layers"])
    norms = ("a: W ≤" if vectors else "a: ‖W‖ ≤", "b: kept ≤", "rho: removed ≤")
    for heading in ("Layer", "Shape", "Removed", *norms, *added, "Share"):
        table.add_column(heading, justify="right")
    table.add_column("by")
    for i, layer in enumerate(record["layers"], start=1):
        used = {"norm": layer["used"]["norm"], "kept": layer["used"]["kept"], "residual": True}
        values = [rounded_up(layer[name], 4) if used[name] else "-" for name in ("norm", "kept", "residual")]
        by = ", ".join(layer["chosen"][name] for name in ("norm", "kept", "residual") if used[name])
        if biased:
            values.append(rounded_up(layer["bias"], 4) if layer["used"]["bias"] else "-")
        shape = "×".join(map(str, layer["shape"]))
        table.add_row(str(i), shape, f"{layer['pruned']:,}", *values, f"{layer['share']:.0%}", by)
    console.print(table)
    console.print()
    if candidates:
        _print_candidates(record, console)
    formula = record["formula"]["text"].splitlines()[0].partition("   [")[0]
    console.print(Text(formula, "dim"))
    epsilon = Text(rounded_up(record["epsilon"], 6), "bold green")
    what = "gap" if fixed is None else "gap at these inputs"
    console.print(Text(f"except with probability at most {record['delta_exact']}, {what} ≤ ") + epsilon)
    if record["target"] > 0:
        target = rounded_up(record["target"], 4)
        console.print(
            f"the same way, ‖F(x)‖ ≤ {target}: the gap is at most {record['epsilon'] / record['target']:.2%} of that",
            highlight=False,
        )
    if record["vacuous"]:
        console.print(Text("vacuous: no better than that bound for both networks alone", "magenta"))
    console.print(Text(f"({_shares(record)}; '-' is not needed)", "dim"))


def _shares(record: Mapping[str, Any]) -> str:
    """How delta is split, and what that gains."""
    count, delta = len(record["events"]), record["delta_exact"]
    if count < 2:
        return "one event may fail"
    if record["split"] == "equal":
        shared = f"{count} events share delta = {delta} equally"
        best = record["best_split"]
        if best is None or best >= record["epsilon"]:
            return shared
        gain = 1 - best / record["epsilon"]
        return f"{shared}; --split best gives {rounded_up(best, 6)}, {gain:.1%} less"
    equal = rounded_up(record["equal_shares"], 6)
    gain = 1 - record["epsilon"] / record["equal_shares"]
    shared = f"{count} events share delta = {delta} so that the bound is smallest"
    return f"{shared}; equal shares give {equal}, so that this saves {gain:.1%}"


def _print_candidates(record: Mapping[str, Any], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Layer", justify="right")
    table.add_column("Norm of")
    table.add_column("Candidates, smallest first")
    for i, layer in enumerate(record["layers"], start=1):
        for name, label in (("norm", "W"), ("kept", "kept"), ("residual", "removed")):
            values = sorted(layer["candidates"][name].items(), key=lambda item: item[1])
            shown = ", ".join(f"{key} {rounded_up(value, 4)}" for key, value in values)
            unused = "" if layer["used"].get(name, True) else "  (not needed)"
            table.add_row(str(i), label, shown + unused)
    console.print(table)
    console.print()


def rounded_up(value: float, digits: int) -> str:
    """Significant digits, never below the value: what is printed is a bound as well."""
    if not math.isfinite(value):
        return str(value)
    return f"{Context(prec=digits, rounding=ROUND_CEILING).create_decimal(Decimal(value)):g}"
