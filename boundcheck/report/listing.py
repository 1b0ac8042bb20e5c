"""The list of theorems, with their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def render_listing(records: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print each theorem's name, title, claim and source, grouped by folder.

    Parameters
    ----------
    records
        As :func:`boundcheck.check.describe.as_record` makes them.
    console
        Where to print.
    """
    folder = None
    for record in records:
        here = Path(record["file"] or "").parent.name
        if here != folder:
            console.print(Text(f"{here}/", "bold cyan"))
            folder = here
        console.print(Padding(Text(record["theorem"], "bold"), (0, 0, 0, 2)))
        for line in filter(None, (record["title"], record["claim"])):
            console.print(Padding(Text(line, "dim" if line is record["title"] else ""), (0, 0, 0, 6)))
