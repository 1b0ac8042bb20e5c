"""A derived bound in a notebook: the recursion, its value, and which inequality bounds which norm of each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from boundcheck.report.notebook import tex
from boundcheck.report.notebook.markup import (
    Content,
    badge,
    element,
    formula,
    listing,
    on_display,
    output,
    parts,
    separated,
    table,
)

_HEADINGS = {"a": ("a", "norm"), "b": ("b", "kept"), "rho": ("ρ", "removed"), "beta": ("β", "bias")}
_TEX = {"a": "a", "b": "b", "rho": r"\rho", "beta": r"\beta"}
_MOST = 20
"""Layers that are shown."""


def bound_html(bound: Mapping[str, Any]) -> str:
    """The bound as HTML.

    Parameters
    ----------
    bound
        As :func:`boundcheck.check.shown.bound_parts` makes it.
    """
    return output(
        "Derived bound of the gap",
        element("div", element("strong", "Bound of the gap"), f" of {bound['network']}"),
        on_display(bound["formula"][0]["mathml"]),
        element("div", *_value(bound)),
        listing([("For all", separated(map(parts, bound["parameters"])))]) if bound["parameters"] else None,
        table(_headings(bound), [_row(bound, layer) for layer in bound["layers"][:_MOST]], words=1),
        *_more(bound),
        element("div", bound["events"] + ".", style="opacity: 0.85"),
        _sources(bound["sources"]),
    )


def _value(bound: Mapping[str, Any]) -> list[Content]:
    """The value with what it holds for, or that there is none yet."""
    known = bound["value"] is not None
    found: list[Content] = ["With probability at least ", formula(f"<mn>1</mn><mo>−</mo>{bound['delta']['mathml']}")]
    found += [", the gap ", f"{bound['inputs']} " if bound["inputs"] else "", "is at most "]
    found.append(element("strong", bound["value"]) if known else formula("<mi>ε</mi>"))
    if bound["radius"] is not None:
        found += [", over inputs of norm at most ", formula(bound["radius"]["mathml"])]
    found.append(".")
    if known and bound["relative"] is not None:
        found.append(
            f" The same way, the target's output has norm at most {bound['target']}; this is {bound['relative']:.2%} "
            "of that. "
        )
    if bound["vacuous"]:
        found.append(badge("○ vacuous: no better than that bound for both networks alone", "#6e40aa"))
    return found


def _headings(bound: Mapping[str, Any]) -> list[Content]:
    norms: list[Content] = [
        element("span", element("i", letter), f": {words} ≤")
        for letter, words in (_HEADINGS[key] for key in bound["letters"])
    ]
    return ["Layer", "Shape", "Removed", *norms, *(["Share of ε"] if _shared(bound) else [])]


def _shared(bound: Mapping[str, Any]) -> bool:
    return all(layer["share"] is not None for layer in bound["layers"])


def _row(bound: Mapping[str, Any], layer: Mapping[str, Any]) -> list[Content]:
    cells: list[Content] = [
        str(layer["layer"]),
        element("span", *parts(layer["shape"])),
        element("span", *parts(layer["removed"]), " of ", *parts(layer["size"])),
        *(_norm(layer["norms"][letter]) for letter in bound["letters"]),
    ]
    return [*cells, f"{layer['share']:.0%}"] if _shared(bound) else cells


def _norm(norm: Mapping[str, Any] | None) -> Content:
    """The value, and below it the inequality that gives it."""
    if norm is None:
        return "not needed"
    by = element("div", norm["by"], style="font-size: 85%", title=", ".join(norm["keys"]))
    return by if norm["value"] is None else element("div", norm["value"], by)


def _more(bound: Mapping[str, Any]) -> list[Content]:
    left = len(bound["layers"]) - _MOST
    return [element("div", f"and {left:,} more layers")] if left > 0 else []


def _sources(sources: Mapping[str, str]) -> Element | None:
    rows: list[tuple[str, list[Content]]] = [(key, [words]) for key, words in sources.items()]
    found = listing(rows)
    return None if found is None else element("details", element("summary", "Inequalities and their sources"), found)


def bound_latex(bound: Mapping[str, Any]) -> str:
    """The bound as LaTeX, from the same data: the recursion with its value, and the table of layers."""
    lines = [bound["formula"][0]["latex"]]
    if bound["value"] is not None:
        lines.append(rf"\epsilon \le {bound['value']}")
    lines.append(tex.words("with probability at least ") + f" 1 - {bound['delta']['latex']}")
    if bound["parameters"]:
        lines.append(r"\text{for all } " + r",\ ".join(map(tex.parts, bound["parameters"])))
    headings = [r"\text{layer}", r"\text{shape}", r"\text{removed}", *(_TEX[letter] for letter in bound["letters"])]
    rows = []
    for layer in bound["layers"][:_MOST]:
        norms = [layer["norms"][letter] for letter in bound["letters"]]
        cells = [str(layer["layer"]), tex.parts(layer["shape"]), tex.parts(layer["removed"])]
        for norm in norms:
            shown = "" if norm is None else tex.words(norm["by"])
            cells.append(rf"{norm['value']}\ ({shown})" if norm and norm["value"] is not None else shown)
        rows.append(cells)
    return tex.display(lines) + "\n" + tex.table("r" * len(headings), headings, rows)
