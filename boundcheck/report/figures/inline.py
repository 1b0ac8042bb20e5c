"""A figure as SVG inside a page, whose style sheet says its colours; its text is text, its ids are its own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from boundcheck.report.figures.drawing import draw
from boundcheck.report.figures.library import settings
from boundcheck.report.figures.palette import SENTINELS

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
_FAMILY = re.compile(r"font-family: [^;]*")
_FONT = re.compile(r"font: ([\d.]+px) [^;]*")
"""Size and family in one, as Matplotlib up to 3.10 has them."""
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def svg(figure: Mapping[str, Any], *, narrow: bool = False) -> str:
    """The figure as an `<svg>` element, the same text for the same figure.

    Colours are the variables --ink, --muted, --grid, --paper and --series-1 to --series-6 of the style sheet; the font
    is the page's, and so is the size, in the proportions of the viewBox.

    Parameters
    ----------
    figure
        As plain data, with `title` and `alt`.
    narrow
        For a column or a phone: panels one below the other.

    Raises
    ------
    MissingPlots
        Without Matplotlib.
    """
    prefix = f"{figure['id']}{'-narrow' if narrow else ''}-"
    root = _drawn(figure, SENTINELS, prefix, narrow=narrow, title=False)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    _colour(root)
    return _text(root)


def standalone(
    figure: Mapping[str, Any], colours: Mapping[str, str], *, narrow: bool = False, title: bool = True
) -> str:
    """The figure as an SVG document with these colours, with a ground of its own and a size.

    Raises
    ------
    MissingPlots
        Without Matplotlib.
    """
    root = _drawn(figure, colours, "boundcheck-", narrow=narrow, title=title)
    ground = {"width": "100%", "height": "100%", "style": f"fill: {colours['paper']}"}
    root.insert(2, ElementTree.Element(f"{{{SVG}}}rect", ground))
    _style(root, lambda style: _family(style, "'DejaVu Sans', Verdana, sans-serif"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_text(root)}\n'


def _drawn(figure: Mapping[str, Any], colours: Mapping[str, str], prefix: str, **how: bool) -> ElementTree.Element:
    with settings(colours, **{"svg.hashsalt": prefix}):
        text = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        draw(figure, colours, **how).savefig(text, format="svg", metadata=nothing, transparent=True)
    root = ElementTree.fromstring(text.getvalue())
    _strip(root)
    _rename(root, prefix)
    _describe(root, figure, prefix)
    return root


def _text(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _style(root: ElementTree.Element, change: Callable[[str], str]) -> None:
    for element in root.iter():
        if "style" in element.attrib:
            element.set("style", change(element.attrib["style"]))


def _strip(root: ElementTree.Element) -> None:
    """Drop what a page does not need, and the style sheet, which would be the whole page's."""
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.attrib.pop("version", None)
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Keep the ids that something refers to, under names that no other figure has."""
    used: dict[str, None] = {}  # in the order of the text, since Matplotlib's own names differ from time to time
    for element in root.iter():
        for name, text in element.attrib.items():
            if name == XLINK:
                used[text.removeprefix("#")] = None
            else:
                used.update(dict.fromkeys(_REFERENCE.findall(text)))
    names = {name: f"{prefix}{i}" for i, name in enumerate(used)}
    for element in root.iter():
        if "id" in element.attrib:
            name = element.attrib.pop("id")
            if name in names:
                element.set("id", names[name])
        if XLINK in element.attrib:
            element.set("href", f"#{names[element.attrib.pop(XLINK).removeprefix('#')]}")
        for key, text in element.attrib.items():
            element.set(key, _REFERENCE.sub(lambda match: f"url(#{names[match[1]]})", text))


def _colour(root: ElementTree.Element) -> None:
    """Variables in the places of the colours that stand for them, which are in styles alone."""

    def named(style: str) -> str:
        for name, colour in SENTINELS.items():
            style = style.replace(colour, f"var(--{name})")
        return _family(style, "inherit")

    _style(root, named)


def _family(style: str, family: str) -> str:
    return _FAMILY.sub(f"font-family: {family}", _FONT.sub(r"font-size: \1; font-family: ", style))


def _describe(root: ElementTree.Element, figure: Mapping[str, Any], prefix: str) -> None:
    """What is read aloud."""
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}title {prefix}desc")
    for place, (tag, text) in enumerate((("title", figure["title"]), ("desc", figure["alt"]))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}{tag}"})
        element.text = text
        root.insert(place, element)
