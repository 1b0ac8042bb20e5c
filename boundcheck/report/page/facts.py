"""What is said of a theorem beside its claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boundcheck.report.page.words import number


def theorem_facts(theorem: Mapping[str, Any]) -> dict[str, str]:
    """Source, hypotheses, how it is known, why, and how tight it is; what is not known is left out."""
    counts = theorem["counts"]
    points, done = counts.get("points", 0), counts.get("done", 0)
    hypotheses = theorem.get("hypotheses") or ""
    whole = theorem["status"] is not None and points == 1 and theorem["worst"] is None  # no point was tested
    facts = {
        "In words": theorem["claim"] if theorem["mathml"] or theorem["latex"] else "",
        "Source": theorem["source"],
        "Stated in": theorem["file"],
        "Hypotheses": hypotheses if isinstance(hypotheses, str) else "; ".join(map(str, hypotheses)),
        "Known by": theorem["method"],
        "Why": theorem["note"],
        "Points": "" if whole else f"{done:,}" if done == points else f"{done:,} of {points:,}",
        "Worst ratio": number(theorem["worst"], 6) if theorem["worst"] is not None else "",
    }
    return {name: str(value) for name, value in facts.items() if value}
