"""What a report is made of, for tests of pages: made-up results, and strings that are hard on every format."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from synthetic_store import synthetic_store

from boundcheck.check.results.contents import contents
from boundcheck.check.results.filters import ALL
from boundcheck.check.results.source import open_results
from boundcheck.report.figures import svg
from boundcheck.report.page.html import page

HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=https://example.invalid/a.png onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</style></details></main>{{ 7*7 }}{% raw %}",
    r"50% of a_b #1 $x$ ~ ^ & \input{/etc/passwd} \write18{id} {",
    "a|b `c` **d** [e](https://example.invalid) <!-- f -->",
    "δ ≤ ‖W‖ · α² → ∞, ⌊D^(1−α)⌋ é ü ł ő ß 中 𝔼 ✓ ∎ ‘x’ “y” – — …",
    "line\nbreak\tand\x07bell",
    "x" * 300,
)
"""Names and notes that someone else may have put into a store."""


def synthetic_data(folder: Path, count: int = 500, *, concluded: float = 1.0) -> dict[str, Any]:
    """Contents of a report of made-up verdicts."""
    path = folder / f"made-up-{count}-{concluded}.db"
    if not path.exists():
        synthetic_store(path, count, concluded=concluded)
    with open_results(str(path)) as results:
        data = contents(results, ALL)
    for figure in data["figures"]:  # a table with more rows has nothing else in it
        figure["table"]["rows"] = figure["table"]["rows"][:6]
    return data


def hostile_data(folder: Path) -> dict[str, Any]:
    """The same with hostile strings in every place that a store fills."""
    data = copy.deepcopy(synthetic_data(folder))
    data["title"] = HOSTILE[0] + HOSTILE[4]
    for words in HOSTILE:
        theorem = copy.deepcopy(data["theorems"][0])
        theorem |= {"theorem": words, "study": words, "claim": words, "source": words, "file": words}
        theorem |= {"method": words, "note": words, "mathml": words, "latex": words, "place": len(data["theorems"]) + 1}
        data["theorems"].append(theorem)
        row = copy.deepcopy(data["problems"]["rows"][0])
        row |= {"theorem": words, "note": words, "law": words, "architecture": words, "parameters": words}
        data["problems"]["rows"].append(row | {"reproduce": words})
        data["worst"].append(row)
        data["ladder"].append(data["ladder"][0] | {"theorem": words, "rule": words})
        data["facts"][words] = words
        data["reproduce"].append({"what": words, "command": words})
        data["figures"][0]["table"]["rows"].append([words for _ in data["figures"][0]["table"]["columns"]])
    data["campaign"] = "\n".join(HOSTILE)
    for name in ("title", "alt", "caption"):
        data["figures"][0][name] = " ".join(HOSTILE[:4])
    return data


def drawn(data: dict[str, Any]) -> str:
    """The page, with its figures."""
    figures = [figure | {"wide": svg(figure), "narrow": svg(figure, narrow=True)} for figure in data["figures"]]
    return page(data | {"figures": figures})
