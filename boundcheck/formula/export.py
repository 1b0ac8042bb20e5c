"""A formula, or a theorem, as LaTeX and MathML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sympy import Basic, Expr
from sympy.core.relational import Relational

from boundcheck.formula.mathml import fragment_mathml, mathml
from boundcheck.formula.python_source import Definitions, to_python
from boundcheck.statement.notation import Phrase, escaped, latex, text
from boundcheck.statement.sentence import setting
from boundcheck.statement.theorem import Theorem

__all__ = [
    "Definitions",
    "SymbolRow",
    "table_latex",
    "table_mathml",
    "theorem_latex",
    "theorem_mathml",
    "theorem_text",
    "to_latex",
    "to_mathml",
    "to_python",
]


def to_latex(formula: Expr | Relational | None, definitions: Definitions | None = None) -> str:
    """The formula as LaTeX; with definitions, an aligned environment that lists them below it."""
    if not definitions:
        return latex(formula)
    lines = [] if formula is None else [f"& {latex(formula)}"]
    for symbols, value in definitions.items():
        names = " = ".join(latex(s) for s in symbols)
        lines.append(f"{names} &= {latex(value)}")
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


@dataclass(frozen=True)
class SymbolRow:
    """A row of a table of symbols: symbols or functions of one meaning, in words, and a value or a range."""

    symbols: tuple[Basic, ...]
    meaning: str
    value: Phrase = ()


def table_latex(rows: Sequence[SymbolRow]) -> str:
    """A table of symbols as a LaTeX tabular."""
    lines = [r"\begin{tabular}{lll}", r"\hline", r"symbol & meaning & value \\", r"\hline"]
    for row in rows:
        names = " = ".join(latex(s) for s in row.symbols)
        value = "".join(escaped(part) if isinstance(part, str) else f"${latex(part)}$" for part in grouped(row.value))
        lines.append(rf"${names}$ & {escaped(row.meaning)} & {value} \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}"])


def table_mathml(rows: Sequence[SymbolRow]) -> str:
    """A table of symbols as a MathML table."""
    cells = (
        (
            "<mo>=</mo>".join(map(mathml, row.symbols)),
            fragment_mathml(row.meaning),
            "".join(map(fragment_mathml, row.value)),
        )
        for row in rows
    )
    lines = ("".join(f'<mtd style="text-align: left"><mrow>{cell}</mrow></mtd>' for cell in line) for line in cells)
    return (
        '<mtable columnalign="left" displaystyle="false">'
        + "".join(f"<mtr>{line}</mtr>" for line in lines)
        + "</mtable>"
    )


def theorem_text(theorem: Theorem) -> str:
    """The theorem as one sentence of plain text: "For all n ∈ {1, 2, …}, and X_1, …, X_n i.i.d. …: claim"."""
    before = text(setting(theorem))
    return f"{before}:\n  {text(theorem.claim)}" if before else text(theorem.claim)


def theorem_latex(theorem: Theorem, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()) -> str:
    """The theorem as LaTeX for text mode: its setting with formulas between dollars, the claim on display, symbols."""
    before = "".join(
        escaped(part) if isinstance(part, str) else f"${latex(part)}$" for part in grouped(setting(theorem))
    )
    display = f"\\[\n{to_latex(theorem.claim, definitions)}\n\\]"
    return "\n".join([f"{before}:"] * bool(before) + [display] + [table_latex(symbols)] * bool(symbols))


def theorem_mathml(theorem: Theorem, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()) -> str:
    """The theorem as presentation MathML: its setting, the claim, definitions and symbols as rows of a table."""
    before = "".join(fragment_mathml(fragment) for fragment in setting(theorem))
    rows = [f"<mrow>{before}<mtext>:</mtext></mrow>"] * bool(before) + _rows(theorem.claim, definitions)
    return _document(rows + [table_mathml(symbols)] * bool(symbols))


def grouped(phrase: Phrase) -> Iterator[str | Phrase]:
    """Words, and runs of what is mathematics."""
    for words, group in groupby(phrase, key=lambda fragment: isinstance(fragment, str)):
        if words:
            yield "".join(str(word) for word in group)
        else:
            yield tuple(group)


def to_mathml(
    formula: Expr | Relational | None, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()
) -> str:
    """The formula as presentation MathML; definitions and symbols become further rows of a table."""
    return _document(_rows(formula, definitions) + [table_mathml(symbols)] * bool(symbols))


def _rows(formula: Expr | Relational | None, definitions: Definitions | None) -> list[str]:
    rows = [] if formula is None else [mathml(formula)]
    for symbols, value in (definitions or {}).items():
        names = "<mo>=</mo>".join(mathml(s) for s in symbols)
        rows.append(f"<mrow>{names}<mo>=</mo>{mathml(value)}</mrow>")
    return rows


def _document(rows: Sequence[str]) -> str:
    body = rows[0]
    if len(rows) > 1:
        # Definitions are long: in the middle of one another their beginnings would be out of sight.
        cell = "<mtd>" if len(rows) == 2 else '<mtd style="text-align: left">'
        lines = "".join(f"<mtr>{cell}{row}</mtd></mtr>" for row in rows)
        body = f'<mtable displaystyle="true">{lines}</mtable>'
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{body}</math>'
