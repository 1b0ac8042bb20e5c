"""The list of theorems, with their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def render_listing(records: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print each theorem's name, title, claim and random variables, grouped by folder.

    Parameters
    ----------
    records
        As :func:`boundcheck.check.describe.as_record` makes them.
    console
        Where to print.
    """
    folder = title = None
    for record in records:
        here = Path(record["file"] or "").resolve().parent.name
        if here != folder:
            console.print(Text(f"{here}/", "bold cyan"))
            folder = here
        console.print(Padding(Text(record["theorem"], "bold"), (0, 0, 0, 2)))
        if record["title"] != title:
            title = record["title"]
            console.print(Padding(Text(title, "dim"), (0, 0, 0, 6)))
        for line in (record["claim"], *record["random"]):
            console.print(Padding(Text(line), (0, 0, 0, 6)))
