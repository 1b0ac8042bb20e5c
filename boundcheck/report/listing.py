"""The list of theorems, with their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text


def render_listing(records: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print each theorem's name, kind, fidelity to its source, title, claim and random variables, by folder.

    Parameters
    ----------
    records
        As :func:`boundcheck.check.describe.as_record` makes them.
    console
        Where to print.
    """
    folders: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        folders.setdefault(Path(record["file"] or "").resolve().parent.name, []).append(record)
    shown: list[RenderableType] = []
    for position, (folder, members) in enumerate(folders.items()):
        if position:
            shown.append("")
        count = f"  {len(members)} theorem{'s' * (len(members) != 1)}"
        shown.append(Text.assemble((f"{folder}/", "bold cyan"), (count, "dim")))
        title = None
        for record in members:
            notes = [record.get("kind"), record.get("fidelity")]
            heading = Text.assemble((record["theorem"], "bold"), ("  " + ", ".join(filter(None, notes)), "cyan"))
            heading.rstrip()
            shown.append(Padding(heading, (0, 0, 0, 2)))
            if record["title"] != title:
                title = record["title"]
                shown.append(Padding(Text(title, "dim"), (0, 0, 0, 6)))
            shown += (Padding(Text(line), (0, 0, 0, 6)) for line in (record["claim"], *record["random"]))
    console.print(Group(*shown))
