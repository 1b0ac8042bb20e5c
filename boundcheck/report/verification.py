"""What re-checking the certificates of a record came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from boundcheck.report.words import plain_table

_STYLES = {"verified": "bold green", "rejected": "bold white on red", "nothing to verify": "dim"}


def render_verifications(records: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print one row per verdict of a record: its status, whether its certificate holds, and if not, why.

    Parameters
    ----------
    records
        With the keys theorem, file, status, outcome ("verified", "rejected" or "nothing to verify"), complaints, and
        claim: what was verified, as its certificate states it.
    console
        Where to print.
    """
    table = plain_table()
    table.add_column("Theorem", ratio=1, overflow="fold", min_width=20)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Certificate", no_wrap=True)
    for record in records:
        outcome = record["outcome"]
        shown = outcome.upper() if outcome == "rejected" else outcome
        name = Text(record["theorem"])
        if record["claim"]:
            name.append(f"\n{record['claim']}", "dim")
        table.add_row(name, Text(record["status"]), Text(shown, _STYLES[outcome]))
    if records:
        console.print(table)
    for record in records:
        where = f" ({record['file']})" if record["file"] else ""
        for complaint in record["complaints"]:
            console.print(Padding(Text.assemble((record["theorem"], "bold"), f"{where}: {complaint}"), (0, 1)))
    counts = Counter(record["outcome"] for record in records)
    said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _STYLES if counts[outcome])
    console.print(Padding(Text(f"{len(records)} verdict{'s' * (len(records) != 1)}: {said or 'none'}"), (0, 1)))
