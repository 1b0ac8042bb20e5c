"""A campaign on a terminal: how it goes, and where it has come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from boundcheck.report.words import ALARM, number

_FAILING = ("REFUTED", "SCALING BROKEN", "ERROR")


def progress_words(event: Mapping[str, Any]) -> str | None:
    """What a progress bar says of an event: rate, time left, worst ratio; None where it says nothing new."""
    if event["event"] == "planning":
        return f"writing {event['points']:,} points"
    if event["event"] == "waiting":
        return f"{event['points'] - event['concluded']:,} points are with other processes"
    if event["event"] != "progress":
        return None
    parts = [f"{event['concluded']:,}/{event['points']:,} points"]
    if event["batches_per_second"]:
        parts.append(f"{number(event['batches_per_second'], 3)} batches/s")
    if event["seconds_left"] is not None:
        parts.append(f"{timedelta(seconds=round(event['seconds_left']))} left")
    if event["worst"] is not None:
        parts.append(f"worst ratio {number(event['worst'], 3)}")
    return " · ".join(parts)


def render_outcome(outcome: Mapping[str, Any], store: str, console: Console) -> None:
    """Print where a campaign stands, and what to do with its store.

    Parameters
    ----------
    outcome
        points, concluded, counts (by status), unexpected, worst.
    store
        Its file.
    console
        Where to print.
    """
    line = Text(f"{outcome['concluded']:,} of {outcome['points']:,} points: ", "bold")
    counts = outcome["counts"]
    parts = [
        Text(f"{count:,} {status.lower()}", ALARM if status in _FAILING and outcome["unexpected"] else "")
        for status, count in sorted(counts.items(), key=lambda item: (item[0] in _FAILING, item[0]))
    ]
    console.print(line + Text(", ").join(parts), highlight=False)
    if outcome["worst"] is not None:
        worst = number(outcome["worst"], 3)
        # A gap may exceed its bound with probability delta, and a rate its claim by chance: verdicts take care of that.
        said = "above 1 is false only where it is refuted" if outcome["worst"] > 1 else "1 would be tight"
        console.print(Text(f"At most {worst} of a claim was seen to be used up ({said}).", "dim"))
    console.print(Text(f"See them with: boundcheck results {store}, boundcheck report {store} -o report.html", "dim"))
