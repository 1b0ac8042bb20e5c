"""Winners among inequalities, as lines of text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any


def winners_text(record: Mapping[str, Any]) -> str:
    """For each norm the inequality with the smallest bound: at numbers along the width, and in the limit.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.winners.winners_of` makes it.
    """
    d = record["width"]
    lines = [f"{record['theorem']}: which inequality gives the smallest bound"]
    for norm in record["norms"]:
        lines += ["", ", ".join(norm["norms"])]
        for at in norm["at"]:
            point = ", ".join(f"{name} = {value}" for name, value in at["point"].items())
            runs = "; ".join(f"{_range(d, run)} {run['by']}" for run in at["winners"])
            lines.append(f"  at {point}: {runs}")
        for limit in norm["limit"]:
            alike = f"; up to a factor also {', '.join(limit['alike'])}" if limit["alike"] else ""
            lines.append(f"  as {d} -> oo, {limit['where']}: {limit['by']}, at most ~ {limit['growth']}{alike}")
    lines += [
        "",
        f"Numbers: about 40 values of {d} a decade, with changes found by bisection. Limits: by proved upper bounds of",
        "growth, so that an inequality of whose growth nothing is known does not win there.",
    ]
    return "\n".join(lines) + "\n"


def _range(d: str, run: Mapping[str, Any]) -> str:
    return f"{d} = {run['from']:,}" if run["from"] == run["to"] else f"{d} from {run['from']:,} to {run['to']:,}"


WINNERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": winners_text,
    "json": lambda record: json.dumps(record, indent=2, ensure_ascii=False) + "\n",
}
"""The formats of winners."""
