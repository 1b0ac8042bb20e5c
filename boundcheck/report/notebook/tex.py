r"""LaTeX that both MathJax and pdflatex take: formulas on display, words inside of them, no package but amsmath.

In a notebook what is not between dollars is shown as it is, and ``\text`` knows no escapes: words stand in math mode,
and what is special in them is written as signs.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

_SIGNS = {
    **{character: "\\" + character for character in "&%$#_{}"},
    "\\": r"\backslash ",
    "^": r"\wedge ",
    "~": r"\sim ",
    "<": "<",
    ">": ">",
    "≤": r"\le ",
    "≥": r"\ge ",
    "∞": r"\infty ",
    "×": r"\times ",
    "∈": r"\in ",
    "‖": r"\| ",
    "…": r"\dots ",
    "√": r"\surd ",
    "→": r"\to ",
    "−": "-",
    "α": r"\alpha ",
    "δ": r"\delta ",
    "ε": r"\epsilon ",
    "κ": r"\kappa ",
    "ρ": r"\rho ",
    "σ": r"\sigma ",
    "τ": r"\tau ",
    "²": "^{2}",
}
_WIDTH = 90


def words(text: str, command: str = "text") -> str:
    """Words as LaTeX for math mode."""
    signs = "".join(map(re.escape, _SIGNS))
    pieces = re.split(f"([{signs}])", re.sub(r"\s+", " ", text))
    return "".join(_SIGNS.get(piece) or (rf"\{command}{{{piece}}}" if piece else "") for piece in pieces)


def paragraph(text: str, command: str = "text") -> list[str]:
    """Words as lines for math mode, which does not break them."""
    return [
        words(line, command) for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]


def parts(found: Iterable[Mapping[str, str]]) -> str:
    """Words and formulas in a row."""
    return "".join(part["latex"] if "latex" in part else words(part["words"], "text") for part in found)


def display(lines: Sequence[str]) -> str:
    """Lines below each other, between double dollars."""
    body = " \\\\\n".join(rf"\displaystyle {line}" for line in lines)
    return f"$$\\begin{{array}}{{l}}\n{body}\n\\end{{array}}$$"


def table(columns: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in math mode, between double dollars."""
    lines = [" & ".join(headings) + r" \\ \hline", *(" & ".join(row) + r" \\" for row in rows)]
    return f"$$\\begin{{array}}{{{columns}}}\n" + "\n".join(lines) + "\n\\end{array}$$"
