"""One theorem in words, as LaTeX or as JSON, from its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def theorem_text(record: Mapping[str, Any]) -> str:
    """Claim, parameters, hypotheses, random objects, inverse, derived formula, source and file.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.describe.as_record` makes it.
    """
    source, fidelity = record["source"], record["fidelity"]
    sections: dict[str, Sequence[str]] = {
        "Parameters": [f"{name} in {domain}" for name, domain in record["parameters"].items()],
        "Hypotheses": record["hypotheses"],
        "Random": record["random"],
        "At failure probability delta": record["inverse"],
        "Bound": record["bound"],
        "Source": [f"{source} ({fidelity})" if fidelity else source] if source else [],
        "File": [record["file"]] if record["file"] else [],
    }
    title = [f"  {record['title']}"] if record["title"] else []
    lines = [record["theorem"], *title, "", f"  {record['claim']}"]
    for heading, found in sections.items():
        if found:
            lines += ["", heading, *(f"  {line}" for line in found)]
    return "\n".join(lines) + "\n"


RECORDED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": theorem_text,
    "latex": lambda record: record["latex"] + "\n",
    "json": lambda record: json.dumps(record, indent=2, ensure_ascii=False) + "\n",
}
"""The formats that a record suffices for."""
