"""HTML for the output of a cell, out of elements, so that all text is escaped.

An output is part of a page that others style: colours are those of the page, in whatever theme, but for badges, which
have a ground of their own. Styles stand in the elements, for a notebook that is not trusted loses style sheets. There
are no identifiers, which would clash with those of other outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

Content: TypeAlias = "str | Element"

LINE = "1px solid rgba(128, 128, 128, 0.5)"
LEFT = "text-align: left; vertical-align: top; padding: 0.15em 1em 0.15em 0"
RIGHT = "text-align: right; vertical-align: top; padding: 0.15em 1em 0.15em 0; white-space: nowrap"


def element(tag: str, *contents: Content, style: str = "", **attributes: str) -> Element:
    """An element with text and elements inside."""
    found = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    if style:
        found.set("style", style)
    last: Element | None = None
    for content in contents:
        if isinstance(content, Element):
            found.append(content)
            last = content
        elif last is None:
            found.text = (found.text or "") + content
        else:
            last.tail = (last.tail or "") + content
    return found


def formula(mathml: str) -> Element:
    """Presentation MathML in the line, given without its element <math>."""
    return fromstring(f"<math>{mathml}</math>")


def on_display(mathml: str) -> Element:
    """Presentation MathML in a line of its own, in the size of formulas on display."""
    inside = formula(mathml)
    inside.set("displaystyle", "true")
    return element("div", inside, style="margin: 0.5em 0 0.5em 1em; font-size: 110%")


def parts(found: Iterable[Mapping[str, str]]) -> list[Content]:
    """Words, and formulas in the line."""
    return [formula(part["mathml"]) if "mathml" in part else part["words"] for part in found]


def table(headings: Sequence[Content], rows: Iterable[Sequence[Content]], *, words: int = 1) -> Element:
    """A table whose first columns hold words; others hold numbers."""
    found = element("table", style="border-collapse: collapse; margin: 0.5em 0; text-align: left")
    head = SubElement(SubElement(found, "thead"), "tr")
    for i, heading in enumerate(headings):
        side = LEFT if i < words else RIGHT
        head.append(element("th", heading, style=f"{side}; border-bottom: {LINE}; font-weight: 600", scope="col"))
    body = SubElement(found, "tbody")
    for row in rows:
        line = SubElement(body, "tr")
        for i, cell in enumerate(row):
            line.append(element("td", cell, style=LEFT if i < words else RIGHT))
    return found


def listing(rows: Iterable[tuple[str, Sequence[Content]]]) -> Element | None:
    """A table of two columns: what something is called, and what it is; None where there is nothing."""
    found = element("table", style="border-collapse: collapse; margin: 0.25em 0; text-align: left")
    for name, contents in rows:
        line = SubElement(found, "tr")
        line.append(element("th", name, style=f"{LEFT}; font-weight: 600; white-space: nowrap", scope="row"))
        line.append(element("td", *contents, style=f"{LEFT}; overflow-wrap: anywhere; white-space: normal"))
    return found if len(found) else None


def separated(items: Iterable[Sequence[Content]], between: str = ", ") -> list[Content]:
    """Items in a row; a line breaks between them only."""
    spans: list[Content] = []
    for item in items:
        spans += [between] if spans else []
        breaks = any(isinstance(content, str) and " " in content for content in item)
        spans.append(element("span", *item, style="" if breaks else "white-space: nowrap"))
    return spans


def badge(text: str, ground: str) -> Element:
    """A word on a ground of its own, dark enough for white letters."""
    style = f"background: {ground}; color: #fff; border-radius: 0.3em; padding: 0.1em 0.5em; font-weight: 600"
    return element("span", text, style=f"{style}; white-space: nowrap")


def output(label: str, *contents: Content | None) -> str:
    """What a cell shows: it scrolls by itself where it is wide, also by keyboard, and MathJax leaves it alone."""
    inside: list[Any] = [content for content in contents if content is not None]
    return tostring(
        element(
            "div",
            *inside,
            style="overflow-x: auto; max-width: 100%; line-height: 1.5",
            class_="boundcheck tex2jax_ignore mathjax_ignore",
            role="group",
            aria_label=label,
            tabindex="0",
        ),
        encoding="unicode",
        # As XML, which escapes more: it is HTML as well, for elements that HTML leaves open are not used.
        short_empty_elements=False,
    )
