"""Which hypotheses of a theorem matter, as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.words import WIDE, number, place, plain_table
from boundcheck.verdict.ablation import CONTROL, Ablation, Finding
from boundcheck.verdict.decide import Verdict

STYLES = {Finding.NEEDED: "bold", Finding.NOT_FOUND: "", Finding.NOT_TRIED: "dim"}


def render_ablations(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print a table for each theorem of which hypotheses were dropped, and what the words mean.

    Parameters
    ----------
    verdicts
        Of one run; those without ablations are passed over.
    console
        Where to print; below 100 columns claimed and observed share a column.
    """
    shown = [verdict for verdict in verdicts if verdict.ablations]
    for verdict in shown:
        console.print()
        console.print(Padding(Text.assemble((verdict.theorem, "bold"), "  without each of its hypotheses"), (0, 1)))
        console.print(_table(verdict.ablations, wide=console.width >= WIDE))
    everything = [item for verdict in shown for item in verdict.ablations]
    legend = _legend(everything, min((verdict.level for verdict in shown), default=0.0))
    console.print(Padding(legend, (0, 1)))


def _table(items: Sequence[Ablation], *, wide: bool) -> Table:
    gaps = any(item.largest is not None for item in items)
    table = plain_table()
    longest = max(len(item.hypothesis) for item in items)
    table.add_column("Hypothesis", width=min(longest, 27 if wide else 16))
    table.add_column("Instead of it", ratio=1, min_width=16)
    table.add_column("Outcome", width=12)
    for heading in ["Observed", "Claimed"] if wide else ["Observed\nclaimed"]:
        table.add_column(heading, justify="right", no_wrap=True)
    if gaps:
        table.add_column("Gap/bound", justify="right", no_wrap=True)
    table.add_column("Trials", justify="right", no_wrap=True)
    for item in items:
        values = [number(item.observed, 3), number(item.claimed, 3)]
        row = [Text(item.hypothesis), _instead(item), _outcome(item)]
        row += map(Text, values if wide else ["\n".join(values)])
        row += [Text(number(item.largest, 3))] if gaps else []
        table.add_row(*row, Text(f"{item.trials:,}" if item.trials else "-"))
    return table


def _instead(item: Ablation) -> Text:
    """The alternative, or why there is none; and where the claim is violated."""
    if item.status is not Finding.NEEDED:
        return Text(item.alternative) if item.alternative else Text(item.note, "dim")
    where = place(item.parameters) if item.parameters else item.law or "-"
    return Text.assemble(item.alternative, (f"\nat {where}", "dim"))


def _outcome(item: Ablation) -> Text:
    if item.hypothesis == CONTROL and item.status is Finding.NEEDED:
        return Text("violated", "bold white on red")
    return Text(str(item.status), STYLES[item.status])


def _legend(items: Iterable[Ablation], level: float) -> Text:
    items = list(items)
    lines = []
    if not items:
        return Text("No hypothesis was dropped.", "dim")
    lines.append(
        "needed: without the hypothesis, and with the others, the claim is violated. no violation found: not by the "
        "alternative that was tried; another one may violate it, so that this does not say that it is not needed"
    )
    lines.append("the control drops nothing, and runs the same way")
    if any(item.largest is not None for item in items):
        lines.append(
            "Observed: share of trials whose gap, less what rounding may have added, exceeds the bound; "
            "Gap/bound: the largest such gap over it"
        )
    if any(item.beta is not None and not math.isnan(item.beta) for item in items):
        lines.append(
            f"With probability {level:.6g} or more, nothing is called needed and no control violated by chance "
            "(Bonferroni); this level is apart from that of the verdicts"
        )
    return Text("\n".join(f"{line}." for line in lines), "dim")
