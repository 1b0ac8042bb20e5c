"""What a run would do before it does it: the most trials of each point, and how likely they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boundcheck.report.words import WIDE, number, place, plain_table
from boundcheck.verdict.power import MOST_LOOKS

_RATES = ("none", "half", "twice", "10 times")
"""What the columns suppose of the true rate, in units of the claimed one."""
_CONFIRMED = 2
"""In the first of these columns the claim is true."""


def render_forecast(record: Mapping[str, Any], console: Console) -> None:
    """Print one row per point that takes trials, and below it how the tests share the level.

    Parameters
    ----------
    record
        Plain data of a :class:`boundcheck.check.announce.Forecast`.
    console
        Where to print.
    """
    with_trials = [theorem for theorem in record["theorems"] if theorem["points"]]
    if with_trials:
        console.print(_table(with_trials, wide=console.width >= WIDE))
    for line in _explanation(record):
        console.print(Padding(Text(line, "dim"), (0, 1)))


def _table(theorems: Sequence[Mapping[str, Any]], *, wide: bool) -> Table:
    table = plain_table()
    table.add_column("Theorem, point", ratio=1, overflow="fold", min_width=18)
    table.add_column("Claimed", justify="right", no_wrap=True)
    table.add_column("Trials", justify="right", no_wrap=True)
    if wide:  # elsewhere the mean number of trials without violations tells it
        table.add_column("Confirming", justify="right", no_wrap=True)
    for heading in _RATES:
        table.add_column(heading, justify="right", no_wrap=True)
    for position, theorem in enumerate(theorems):
        table.add_row(Text(theorem["theorem"], "bold cyan"), *[""] * (len(table.columns) - 1))
        for point in theorem["points"]:
            cells = _cells(point)
            table.add_row(*cells[:3], *cells[3 if wide else 4 :])
        if position < len(theorems) - 1:
            table.add_section()
    return table


def _cells(point: Mapping[str, Any]) -> list[Text]:
    where = Text(place(point["parameters"]))
    where.append(f"\n{point['law']}", "dim")
    counts = point["how"] != "simulated mean"
    claimed = Text(number(point["claimed_high"]) if counts else "-")
    if point["how"] == "importance sampling":
        claimed.append(f"\nrate {number(point['target_high'], 3)}", "dim")
    trials = Text(f"{'≤ ' if point['sequential'] else ''}{point['trials']:,}")
    confirming = Text("-" if point["confirming"] is None else f"{point['confirming']:,}")
    if not point["prospects"]:
        if not counts:
            trials.append("\nfixed", "dim")
        elif point["target_low"] >= 1:
            claimed.append("\nvacuous", "magenta")
        else:
            claimed.append("\ncertain", "dim")
        return [where, claimed, trials, *[Text("-")] * (1 + len(_RATES))]
    prospects = [
        _prospect(prospect, "confirmed" if column < _CONFIRMED else "refuted", point["sequential"])
        for column, prospect in enumerate(point["prospects"])
    ]
    return [where, claimed, trials, confirming, *prospects]


def _prospect(prospect: Mapping[str, Any], decision: str, sequential: bool) -> Text:
    share = prospect[decision]
    cell = Text(_percent(share), "green" if share >= 0.9 else "yellow" if share >= 0.1 else "red")
    return cell.append(f"\n{prospect['expected']:,.0f}", "dim") if sequential else cell


def _percent(share: float) -> str:
    """A probability that is not rounded to 0 or 1."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{100 * share:.3g} %"


def _explanation(record: Mapping[str, Any]) -> list[str]:
    points = [point for theorem in record["theorems"] for point in theorem["points"]]
    all_of_them, growth = len(record["theorems"]), sum(theorem["growth"] for theorem in record["theorems"])
    settled = sum(not theorem["points"] and not theorem["growth"] for theorem in record["theorems"])
    lines = [
        f"{_plural(all_of_them, 'theorem')}: {settled:,} by proofs and exact laws alone, {growth:,} on growth, "
        f"{all_of_them - settled - growth:,} with trials at {_plural(len(points), 'point')}."
    ]
    if not record["tests"]:
        return [*lines, "No decision would rest on trials."]
    if any(point["prospects"] for point in points):
        stop = any(point["sequential"] for point in points)
        lines.append(
            "Trials: at most (≤), as they stop where they decide, or exactly. Confirming: so many do if none violates "
            "the claim. The last four columns suppose that the true rate of violations is so much of the claimed one "
            "(at most 1), and that no trial is open: the probability that the claim is confirmed (none, half) or "
            f"refuted (twice, 10 times){'; below it, the mean number of trials' * stop}."
        )
    if any(point["sequential"] and point["trials"] > MOST_LOOKS for point in points):
        lines.append(f"Above {MOST_LOOKS:,} trials decisions are a little likelier and earlier than that.")
    if any(not point["prospects"] and point["how"] != "simulated mean" and point["target_low"] < 1 for point in points):
        lines.append("certain: the first sure violation refutes, and no number of trials confirms.")
    if any(point["how"] == "importance sampling" for point in points):
        lines.append("rate: the claimed rate of trials under importance sampling.")
    fixed = record["tests"] - record["counted"]
    parts = []
    if record["counted"]:
        beta = min(point["beta"] for point in points if point["how"] != "simulated mean")
        parts.append(
            f"{record['counted']:,} of them count violations and are decided by Holm's procedure, one for refutations "
            f"and one for confirmations: at {number(beta, 3)} in any case, which is what the numbers above are for, "
            "and at more where others are decided"
        )
    if fixed:
        parts.append(f"{fixed:,} have fixed limits, with {number((1 - record['level']) / record['tests'], 3)} each")
    lines.append(
        f"All {record['tests']:,} decisions that rest on trials are right together with probability "
        f"{record['level']:.6g} or more: {'; '.join(parts)}."
    )
    return lines


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
