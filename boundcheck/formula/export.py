"""A formula, or a theorem, as LaTeX and MathML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sympy import Basic, Expr, Integer, Symbol
from sympy.core.relational import Relational
from sympy.printing.mathml import MathMLPresentationPrinter

from boundcheck.formula.python_source import Definitions, to_python
from boundcheck.statement.laws import VALUE
from boundcheck.statement.notation import Fragment, Phrase, RandomFirst, escaped, latex, text
from boundcheck.statement.randomness.statistic import WORDS
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
        value = "".join(escaped(part) if isinstance(part, str) else f"${latex(part)}$" for part in _grouped(row.value))
        lines.append(rf"${names}$ & {escaped(row.meaning)} & {value} \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}"])


def table_mathml(rows: Sequence[SymbolRow]) -> str:
    """A table of symbols as a MathML table."""
    cells = (
        ("<mo>=</mo>".join(map(_mathml, row.symbols)), _fragment(row.meaning), "".join(map(_fragment, row.value)))
        for row in rows
    )
    lines = ("".join(f"<mtd><mrow>{cell}</mrow></mtd>" for cell in line) for line in cells)
    return '<mtable columnalign="left">' + "".join(f"<mtr>{line}</mtr>" for line in lines) + "</mtable>"


def theorem_text(theorem: Theorem) -> str:
    """The theorem as one sentence of plain text: "For all n ∈ {1, 2, …}, and X_1, …, X_n i.i.d. …: claim"."""
    before = text(setting(theorem))
    return f"{before}:\n  {text(theorem.claim)}" if before else text(theorem.claim)


def theorem_latex(theorem: Theorem, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()) -> str:
    """The theorem as LaTeX for text mode: its setting with formulas between dollars, the claim on display, symbols."""
    before = "".join(
        escaped(part) if isinstance(part, str) else f"${latex(part)}$" for part in _grouped(setting(theorem))
    )
    display = f"\\[\n{to_latex(theorem.claim, definitions)}\n\\]"
    return "\n".join([f"{before}:"] * bool(before) + [display] + [table_latex(symbols)] * bool(symbols))


def theorem_mathml(theorem: Theorem, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()) -> str:
    """The theorem as presentation MathML: its setting, the claim, definitions and symbols as rows of a table."""
    before = "".join(_fragment(fragment) for fragment in setting(theorem))
    rows = [f"<mrow>{before}<mtext>:</mtext></mrow>"] * bool(before) + _rows(theorem.claim, definitions)
    return _document(rows + [table_mathml(symbols)] * bool(symbols))


def _grouped(phrase: Phrase) -> Iterator[str | Phrase]:
    """Words, and runs of what is mathematics."""
    for words, group in groupby(phrase, key=lambda fragment: isinstance(fragment, str)):
        if words:
            yield "".join(str(word) for word in group)
        else:
            yield tuple(group)


class _MathML(RandomFirst, MathMLPresentationPrinter):
    """Presentation MathML for probabilities, expectations, statistics, gaps and the functions of boundcheck."""

    def mathml_tag(self, e: Any) -> str:
        """SymPy's sign of a relation, escaped, which SymPy leaves out for < and >."""
        sign = str(super().mathml_tag(e))
        return html.escape(sign) if sign in "<>" else sign

    def _call(self, name: str, *arguments: Any) -> Any:
        inside = [part for argument in arguments for part in (self._word(",", "mo"), argument)][1:]
        return self._layout("mrow", self._word(name, "mi"), self._word("(", "mo"), *inside, self._word(")", "mo"))

    def _layout(self, tag: str, *parts: Any) -> Any:
        """An element of others; expressions and relations are printed."""
        element = self.dom.createElement(tag)
        for part in parts:
            element.appendChild(self._print(part) if isinstance(part, Basic) else part)
        return element

    def _word(self, text: str, tag: str) -> Any:
        element = self.dom.createElement(tag)
        element.appendChild(self.dom.createTextNode(html.escape(text)))
        return element

    def _print_Probability(self, e: Any) -> Any:
        return self._call("P", e.event)

    def _print_Expectation(self, e: Any) -> Any:
        return self._call("E", e.argument)

    def _print_Variance(self, e: Any) -> Any:
        return self._call("Var", e.expression)

    def _print_Parameter(self, e: Any) -> Any:
        return self._print_Symbol(Symbol(e.printed_name))

    def _print_Indexed(self, e: Any) -> Any:
        return self._layout("msub", self._word(str(e.base), "mi"), e.indices[0])

    def _print_Statistic(self, e: Any) -> Any:
        def mo(sign: str) -> Any:
            return self._word(sign, "mo")

        def between(sign: str, part: Any) -> Any:
            return self._layout("mrow", mo(sign), part, mo(sign))

        plain = e.sample.function == VALUE
        one = self._layout("mrow", mo("("), e.one, mo(")")) if e.sample.function.is_Add else e.one
        whole = e.whole if plain else self._layout("mrow", mo("("), e.whole, mo(")"))
        first = self._layout("mrow", Symbol("i"), mo("="), Integer(1))
        if e.one_variable:
            return self._print(e.whole)
        match e.kind:
            case "sum":
                return self._layout("mrow", self._layout("munderover", mo("∑"), first, e.count), one)
            case "mean" if plain:
                return self._layout("mover", e.whole, mo("¯"))
            case "mean":
                sign = self._layout("munderover", mo("∑"), first, e.count)
                return self._layout("mrow", self._layout("mfrac", Integer(1), e.count), sign, one)
            case "maximum" | "minimum":
                below = self._layout("mrow", Symbol("i"), mo("≤"), e.count)
                return self._layout("mrow", self._layout("munder", mo(WORDS[e.kind]), below), one)
            case "order":
                return self._layout("msub", whole, self._layout("mrow", mo("("), e.rank, mo(")")))
            case "variance":
                hat = self._layout("msup", self._layout("mover", self._word("σ", "mi"), mo("^")), Integer(2))
                return hat if plain else self._layout("mrow", hat, whole)
            case "kolmogorov":
                empirical = self._layout("msub", self._layout("mover", self._word("F", "mi"), mo("^")), e.count)
                difference = self._layout("mrow", empirical, mo("-"), self._word("F", "mi"))
                return self._layout("msub", between("‖", difference), self._word("∞", "mi"))
            case "spectral_norm":
                return between("‖", e.whole)
            case _:
                none = self._layout("mrow", mo("{"), Symbol("i"), mo(":"), e.one, mo("="), Integer(0), mo("}"))
                return between("|", none)

    def _print_Unknown(self, e: Any) -> Any:
        name, _, index = e.symbol.partition("_")
        if index:
            return self._layout("msub", self._word(name, "mi"), self._word(index, "mi"))
        return self._word(e.symbol, "mi")

    def _print_Gap(self, e: Any) -> Any:
        fixed = () if e.inputs is None else (self._word("inputs", "mtext"), e.inputs)
        return self._call("gap", self._word("F", "mi"), self._word("f", "mi"), *fixed)

    def _print_GapBound(self, e: Any) -> Any:
        return self._word("ε", "mi")

    def _print_Least(self, e: Any) -> Any:
        return self._call("min", *e.args)

    def _print_Greatest(self, e: Any) -> Any:
        return self._call("max", *e.args)


def to_mathml(
    formula: Expr | Relational | None, definitions: Definitions | None = None, symbols: Sequence[SymbolRow] = ()
) -> str:
    """The formula as presentation MathML; definitions and symbols become further rows of a table."""
    return _document(_rows(formula, definitions) + [table_mathml(symbols)] * bool(symbols))


def _rows(formula: Expr | Relational | None, definitions: Definitions | None) -> list[str]:
    rows = [] if formula is None else [_mathml(formula)]
    for symbols, value in (definitions or {}).items():
        names = "<mo>=</mo>".join(_mathml(s) for s in symbols)
        rows.append(f"<mrow>{names}<mo>=</mo>{_mathml(value)}</mrow>")
    return rows


def _document(rows: Sequence[str]) -> str:
    body = rows[0]
    if len(rows) > 1:
        body = "<mtable>" + "".join(f"<mtr><mtd>{row}</mtd></mtr>" for row in rows) + "</mtable>"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{body}</math>'


def _fragment(fragment: Fragment) -> str:
    if isinstance(fragment, Basic):
        return _mathml(fragment)
    if isinstance(fragment, str):
        # Spaces at the ends of mtext collapse.
        return f"<mtext>{html.escape(fragment, quote=False).replace(' ', chr(0xA0))}</mtext>"
    return f"<mo>{html.escape(fragment.text.strip())}</mo>"


def _mathml(expression: Any) -> str:
    text = str(_MathML().doprint(expression))
    # Characters instead of HTML's named entities, so that XML readers take it as well.
    return re.sub(r"&(?!lt;|gt;|amp;|#)\w+;", lambda found: html.unescape(found.group()), text)
