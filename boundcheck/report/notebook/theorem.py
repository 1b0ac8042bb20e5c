"""A theorem in a notebook: its name, its claim as a formula, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boundcheck.report.notebook import tex
from boundcheck.report.notebook.markup import Content, element, listing, on_display, output, parts, separated

_MOST = 4
"""Items of a list that are shown."""


def theorem_html(theorem: Mapping[str, Any]) -> str:
    """The theorem as HTML.

    Parameters
    ----------
    theorem
        As :func:`boundcheck.check.shown.theorem_parts` makes it.
    """
    heading: list[Content] = [element("strong", f"Theorem {theorem['name']}".rstrip())]
    title = f"{theorem['title']}".rstrip(".")
    if title:
        heading.append(f" — {title}")
    rows = [(name, _items(name, items)) for name, items in theorem["rows"].items()]
    return output(
        f"Theorem {theorem['name']}".rstrip(),
        element("div", *heading),
        on_display(theorem["claim"]["mathml"]),
        listing(rows),
    )


def _items(heading: str, items: list[list[Mapping[str, str]]]) -> list[Content]:
    shown = items if heading != "Tested at" else items[:_MOST]
    between = "; " if heading in ("Hypotheses", "Tested at", "Derived bound") else ", "
    found = separated([parts(item) for item in shown], between)
    return [*found, f" and {len(items) - len(shown):,} more"] if len(items) > len(shown) else found


def theorem_latex(theorem: Mapping[str, Any]) -> str:
    """The theorem as LaTeX, from the same data."""
    name = tex.words(f"Theorem {theorem['name']}".rstrip(), "textbf")
    lines = [name, rf"\quad {theorem['claim']['latex']}"]
    for heading, items in theorem["rows"].items():
        if heading == "File":
            continue
        shown = items if heading != "Tested at" else items[:_MOST]
        for i in range(0, len(shown), _MOST):
            row = r",\ ".join(tex.parts(item) for item in shown[i : i + _MOST])
            more = i + _MOST < len(shown)
            lines.append((tex.words(f"{heading}: ") if i == 0 else r"\qquad ") + row + "," * more)
    return tex.display(lines)
