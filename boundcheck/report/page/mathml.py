"""MathML that may come from a store of somebody else's: what is not presentation MathML does not survive."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_LAYOUT = frozenset([
    "math", "mrow", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder",
    "mover", "munderover", "mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mlabeledtr", "mtd", "merror"
])  # fmt: skip
_TOKENS = frozenset([
    "mi", "mn", "mo", "mtext", "ms", "mspace"
])  # fmt: skip
_ATTRIBUTES = frozenset([
    "mathvariant", "display", "displaystyle", "scriptlevel", "dir", "stretchy", "symmetric", "largeop",
    "movablelimits", "accent", "accentunder", "fence", "separator", "form", "lspace", "rspace", "minsize",
    "maxsize", "linethickness", "columnalign", "rowalign", "columnspan", "rowspan", "width", "height", "depth",
    "voffset"
])  # fmt: skip
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{0,40}")
_MOST_CHARACTERS = 500_000
_DEEPEST = 200


@dataclass(frozen=True)
class Formula:
    """A statement as markup: words and short formulas of its setting, the claim, and what is written out below it."""

    setting: str
    claim: str
    rest: str


def safe_formula(text: str | None, label: str) -> Formula | None:
    """Presentation MathML rebuilt from what is known to be harmless; None where there is none.

    Elements outside MathML go with all that they contain, unknown elements of MathML leave their children, and
    attributes that are not known, or have values other than short words and lengths, go.

    Parameters
    ----------
    text
        One math element as XML.
    label
        What is read out instead.
    """
    if not text or len(text) > _MOST_CHARACTERS or "<!" in text or "<?" in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{{{_NAMESPACE}}}math" or _depth(root) > _DEEPEST:
        return None
    rows = _rows(root)
    setting = ""
    if len(rows) > 1 and _ends_in_colon(rows[0]):
        setting, rows = "".join(_phrase(rows[0])), rows[1:]
    rest = "".join(f'<math display="block">{"".join(map(_markup, row))}</math>' for row in rows[1:])
    claim = "".join(_markup(part) for part in rows[0])
    if not claim:
        return None
    label = html.escape(label)
    return Formula(
        setting,
        f'<math display="block" alttext="{label}">{claim}</math>',
        rest,
    )


def _depth(root: ElementTree.Element) -> int:
    """Levels of nesting, counted without recursion."""
    depth, level = 0, [root]
    while level and depth <= _DEEPEST:
        depth += 1
        level = [child for parent in level for child in parent]
    return depth


def _name(element: ElementTree.Element) -> str | None:
    """The local name of an element of MathML."""
    tag = element.tag
    prefix = f"{{{_NAMESPACE}}}"
    return tag.removeprefix(prefix) if isinstance(tag, str) and tag.startswith(prefix) else None


def _rows(root: ElementTree.Element) -> list[list[ElementTree.Element]]:
    """The rows of a formula that is one table, with their first cells unpacked; else all of it as one row."""
    if len(root) != 1 or _name(root[0]) != "mtable":
        return [list(root)]
    return [list(row[0]) for row in root[0] if _name(row) == "mtr" and len(row) == 1] or [list(root)]


def _ends_in_colon(row: list[ElementTree.Element]) -> bool:
    last = row[0][-1] if len(row) == 1 and len(row[0]) else None
    return last is not None and _name(last) == "mtext" and (last.text or "").strip() == ":"


def _phrase(row: list[ElementTree.Element]) -> Iterator[str]:
    """Words of a setting as words, what is between them as short formulas: a line can break after each."""
    run: list[str] = []
    depth = 0

    def flush() -> Iterator[str]:
        if run:
            yield f"<math>{''.join(run)}</math>"
            run.clear()

    for part in row[0]:
        sign = (part.text or "").strip()
        if _name(part) == "mtext":
            yield from flush()
            yield html.escape((part.text or "").replace("\xa0", " "))
            continue
        if sign == "," and depth <= 0:
            yield from flush()
            yield ", "
            continue
        depth += (sign in ("(", "[", "{")) - (sign in (")", "]", "}"))
        run.append(_markup(part))
    yield from flush()


def _markup(element: ElementTree.Element) -> str:
    name = _name(element)
    if name is None:
        return ""
    if name in _TOKENS:
        return f"<{name}{_attributes(element)}>{html.escape(element.text or '')}</{name}>"
    inside = "".join(map(_markup, element))
    if name in _LAYOUT:
        return f"<{name}{_attributes(element)}>{inside}</{name}>"
    if name == "semantics":
        return _markup(element[0]) if len(element) else ""
    return "" if name.startswith("annotation") else f"<mrow>{inside}</mrow>"


def _attributes(element: ElementTree.Element) -> str:
    kept = ((key, value) for key, value in element.attrib.items() if key in _ATTRIBUTES and _VALUE.fullmatch(value))
    return "".join(f' {key}="{value}"' for key, value in sorted(kept))
