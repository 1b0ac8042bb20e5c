"""An explained bound as tables: terms, their factors, and what would change the bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from boundcheck.report.bound import rounded_up

_BAR = 20


def render_explanation(record: Mapping[str, Any], console: Console) -> None:
    """Print the terms of a bound with their shares, each factor with its candidates, and a sentence.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.explain.explained` makes it.
    console
        Where to print.
    """
    console.print(Text("Terms of the bound, one for each pruned layer", "bold"))
    factor = record["radius"] * record["lipschitz"]
    if factor != 1:
        console.print(Text(f"(each with radius × Lipschitz constants = {factor:g})", "dim"))
    terms = _table()
    for heading in ("Layer", "Value", "Share"):
        terms.add_column(heading, justify="right")
    terms.add_column("")
    terms.add_column("Term", overflow="fold")
    for term in record["terms"]:
        bar = "█" * round(_BAR * term["share"])
        terms.add_row(
            str(term["layer"]), rounded_up(term["value"], 4), f"{term['share']:.1%}", f"{bar:<{_BAR}}", term["term"]
        )
    console.print(terms)
    console.print()
    console.print(Text("Factors: if one grows by 1 %, epsilon grows by so many per cent", "bold"))
    factors = _table()
    factors.add_column("Factor")
    factors.add_column("Value", justify="right")
    factors.add_column("by")
    factors.add_column("Next best", overflow="fold")
    factors.add_column("Factor %", justify="right")
    factors.add_column("Its delta %", justify="right")
    for row in record["factors"]:
        second = row["runner_up"]
        next_best = "" if second is None or row["worse"] is None else f"{second['key']}, {row['worse']:+.0%}"
        factors.add_row(
            row["symbol"],
            rounded_up(row["value"], 4),
            f"= {row['made_of']}" if row["made_of"] else row["chosen"],
            next_best,
            _signed(row["elasticity"]),
            _signed(row["share_elasticity"]),
        )
    console.print(factors)
    console.print()
    if record["removed"]:
        console.print(Text("Amounts: if one grows by 1 %, epsilon grows by so many per cent", "bold"))
        amounts = _table()
        amounts.add_column("Layer", justify="right")
        amounts.add_column("Removed", justify="right")
        amounts.add_column("Amount %", justify="right")
        for row in record["removed"]:
            amounts.add_row(str(row["layer"]), f"{row['amount']:,.6g} {row['unit']}", _signed(row["elasticity"]))
        console.print(amounts)
        console.print()
    console.print(Text(record["sentence"]))


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"
