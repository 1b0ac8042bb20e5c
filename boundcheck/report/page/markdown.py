"""A report as Markdown, as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boundcheck.report.page.facts import theorem_facts
from boundcheck.report.page.glossary import GLOSSARY
from boundcheck.report.page.latex_text import safe_formula
from boundcheck.report.page.tables import Table, figure_table, ladder_table, problem_table, worst_table
from boundcheck.report.page.words import counted, named, outcome, theorem_badge

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~$])")
_AT_START = re.compile(r"^(\d*)([.)](?=\s|$)|[#>=]|([-+])(?=\s|$|\3))")


def markdown(data: Mapping[str, Any], images: Mapping[str, str]) -> str:
    """The report as a document.

    Parameters
    ----------
    data
        As for :func:`boundcheck.report.page.html.page`.
    images
        Files of the figures by id, relative to the document; of a figure without a file only the data are shown.
    """
    parts = [f"# {escaped(data['title'])}", escaped(outcome(data))]
    totals = data["totals"]
    if totals["unfinished"]:
        missing = f"{counted(totals['unfinished'], 'point')} of {totals['points']:,}"
        parts.append(f"**Unfinished.** Without a verdict yet: {missing}.")
    parts += [*_wrong(data), *_theorems(data)]
    if data["ladder"]:
        parts += ["## Tightness ladder", *_table(ladder_table(data["ladder"]))]
    if data["figures"]:
        parts.append("## Figures")
    for figure in data["figures"]:
        parts.append(f"### {escaped(figure['title'])}")
        if figure["id"] in images:
            parts.append(f"![{escaped(figure['alt'])}](<{images[figure['id']]}>)")
        data_table = "\n\n".join(_table(figure_table(figure)))
        parts += [escaped(figure["caption"]), f"<details><summary>Data</summary>\n\n{data_table}\n\n</details>"]
    if data["worst"]:
        parts += ["## Worst points", *_table(worst_table(data["worst"]))]
    parts.append("## How to reproduce this")
    parts.append("\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in data["facts"].items()))
    for item in data["reproduce"]:
        parts += [escaped(item["what"]), _block(item["command"], "sh")]
    parts.append("## What the words mean")
    parts.append("\n".join(f"- **{escaped(word)}** {escaped(meaning)}" for word, meaning in GLOSSARY.items()))
    parts.append(f"Made by {escaped(data['generated'])}.")
    return "\n\n".join(filter(None, parts)) + "\n"


def escaped(words: object) -> str:
    r"""Any string as one line in which nothing is markup.

    Examples
    --------
    >>> print(escaped("a_b | <b> *c*"))
    a\_b \| &lt;b> \*c\*
    """
    line = " ".join(str(words).split())
    line = _SPECIAL.sub(r"\\\1", line).replace("&", "&amp;").replace("<", "&lt;")
    return _AT_START.sub(r"\1\\\2", line).replace("://", ":&#8203;//").replace("@", "&#64;")


def _wrong(data: Mapping[str, Any]) -> list[str]:
    rows, left = data["problems"]["rows"], data["problems"]["left_out"]
    items = []
    for theorem in data["theorems"]:
        badge = theorem_badge(theorem)
        if badge.tone == "bad":
            remark = f", {badge.remark}" if badge.remark else ""
            note = f": {theorem['note']}" if theorem["note"] else ""
            items.append(f"- **{escaped(badge.word)}** {escaped(named(theorem, data['theorems']) + remark + note)}")
    shown = [f"{counted(len(rows), 'point')} of {left + len(rows):,} are shown."] * bool(left)
    if not rows and not items:
        return []
    return ["## What is wrong or open", "\n".join(items), *shown, *(_table(problem_table(rows)) if rows else [])]


def _theorems(data: Mapping[str, Any]) -> list[str]:
    parts = ["## Theorems"] * bool(data["theorems"])
    for theorem in data["theorems"]:
        badge = theorem_badge(theorem)
        remark = f" ({escaped(badge.remark)})" if badge.remark else ""
        found = safe_formula(theorem["latex"])
        parts += [
            f"### {escaped(named(theorem, data['theorems']))}",
            f"{badge.symbol} **{escaped(badge.word)}**{remark}",
            "For the first network of the study; for the others alike:" * bool(found and theorem["example"]),
            _block(theorem["claim"]) if found is None or "```" in found[1] else _block(found[1], "math"),
            "\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in theorem_facts(theorem).items()),
        ]
    return parts


def _block(text: str, language: str = "") -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    fence = max(fence, "```", key=len)
    return f"{fence}{language}\n{text}\n{fence}"


def _table(table: Table) -> list[str]:
    lines = [
        "| " + " | ".join(escaped(column.heading) for column in table.columns) + " |",
        "|" + "|".join("---:" if column.numbers else "---" for column in table.columns) + "|",
        *("| " + " | ".join(escaped(cell.text) for cell in row) + " |" for row in table.rows),
    ]
    return [escaped(table.caption), "\n".join(lines)]
