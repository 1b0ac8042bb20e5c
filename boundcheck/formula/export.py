"""A formula as LaTeX, MathML or Python source."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import groupby
from typing import Any

from sympy import Basic, Expr, Integer, Symbol
from sympy.core.relational import Relational
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.pycode import PythonCodePrinter

from boundcheck.statement.laws import VALUE
from boundcheck.statement.notation import Fragment, Phrase, RandomFirst, escaped, latex, text
from boundcheck.statement.randomness.statistic import WORDS
from boundcheck.statement.sentence import setting
from boundcheck.statement.theorem import Theorem

Definitions = Mapping[tuple[Symbol, ...], Expr]
"""Symbols that a formula uses, with what they stand for; symbols of equal value share an entry."""


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


def theorem_text(theorem: Theorem) -> str:
    """The theorem as one sentence of plain text: "For all n ∈ {1, 2, …}, and X_1, …, X_n i.i.d. …: claim"."""
    before = text(setting(theorem))
    return f"{before}:\n  {text(theorem.claim)}" if before else text(theorem.claim)


def theorem_latex(theorem: Theorem, definitions: Definitions | None = None) -> str:
    """The theorem as LaTeX for text mode: its setting with formulas between dollars, then the claim on display."""
    before = "".join(
        escaped(part) if isinstance(part, str) else f"${latex(part)}$" for part in _grouped(setting(theorem))
    )
    display = f"\\[\n{to_latex(theorem.claim, definitions)}\n\\]"
    return f"{before}:\n{display}" if before else display


def theorem_mathml(theorem: Theorem, definitions: Definitions | None = None) -> str:
    """The theorem as presentation MathML: its setting, the claim and the definitions as rows of a table."""
    before = "".join(_fragment(fragment) for fragment in setting(theorem))
    return _document([f"<mrow>{before}<mtext>:</mtext></mrow>"] * bool(before) + _rows(theorem.claim, definitions))


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
        return self._call("gap", self._word("F", "mi"), self._word("f", "mi"))

    def _print_GapBound(self, e: Any) -> Any:
        return self._word("ε", "mi")

    def _print_Least(self, e: Any) -> Any:
        return self._call("min", *e.args)

    def _print_Greatest(self, e: Any) -> Any:
        return self._call("max", *e.args)


def to_mathml(formula: Expr | Relational, definitions: Definitions | None = None) -> str:
    """The formula as presentation MathML; definitions become further rows of a table."""
    return _document(_rows(formula, definitions))


def _rows(formula: Expr | Relational, definitions: Definitions | None) -> list[str]:
    rows = [_mathml(formula)]
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
        return f"<mtext>{html.escape(fragment).replace(' ', chr(0xA0))}</mtext>"
    return f"<mo>{html.escape(fragment.text.strip())}</mo>"


def _mathml(expression: Any) -> str:
    text = str(_MathML().doprint(expression))
    # Characters instead of HTML's named entities, so that XML readers take it as well.
    return re.sub(r"&(?!lt;|gt;|amp;|#)\w+;", lambda found: html.unescape(found.group()), text)


_PYTHON_NAMES = {
    "Least": "min",
    "Greatest": "max",
    "Min": "min",
    "Max": "max",
    "BetaQuantile": "beta_quantile",
    "HypergeometricBound": "hypergeometric_bound",
    "MomentQuantile": "moment_quantile",
    "MomentTail": "moment_tail",
    "SparseQuantile": "sparse_quantile",
    "WalkQuantile": "walk_quantile",
    "OrderedWalkQuantile": "ordered_walk_quantile",
    "SeriesQuantile": "series_quantile",
    "erfinv": "erfinv",
    "floor": "exact_floor",
}
_IMPORTS = {
    "beta_quantile": "from boundcheck.formula.special import beta_quantile",
    "hypergeometric_bound": "from boundcheck.formula.special import hypergeometric_bound",
    "moment_quantile": "from boundcheck.formula.gaussian_moments import moment_quantile",
    "moment_tail": "from boundcheck.formula.gaussian_moments import moment_tail",
    "sparse_quantile": "from boundcheck.formula.gaussian_moments import sparse_quantile",
    "walk_quantile": "from boundcheck.formula.walks import walk_quantile",
    "ordered_walk_quantile": "from boundcheck.formula.walks import ordered_walk_quantile",
    "series_quantile": "from boundcheck.formula.series import series_quantile",
    "exact_floor": "from boundcheck.formula.special import exact_floor",
    "erfinv": "from scipy.special import erfinv",
}


def to_python(
    name: str, formula: Expr, parameters: Sequence[Symbol], docstring: str, definitions: Definitions | None = None
) -> str:
    """Source of a Python function of the parameters that evaluates the formula in float arithmetic.

    Quantiles without a closed form are imported from boundcheck; all else is the standard library's.
    """
    printer = PythonCodePrinter({"user_functions": _PYTHON_NAMES, "fully_qualified_modules": True})
    body = []
    for symbols, value in _in_order(definitions or {}):
        body.append(f"    {' = '.join(str(s) for s in symbols)} = {printer.doprint(value)}")
    body.append(f"    return {printer.doprint(formula)}")
    text = "\n".join(body)
    imports = ["import math", *sorted(line for word, line in _IMPORTS.items() if f"{word}(" in text)]
    arguments = ", ".join(str(p) for p in parameters)
    quoted = docstring.replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join([*imports, "", "", f"def {name}({arguments}):", f'    """{quoted}"""', text, ""])


def _in_order(definitions: Definitions) -> Iterator[tuple[tuple[Symbol, ...], Expr]]:
    """The definitions, each after those that it uses."""
    place = {symbol: symbols for symbols in definitions for symbol in symbols}
    uses = {symbols: {place[s] for s in value.free_symbols if s in place} for symbols, value in definitions.items()}
    for symbols in TopologicalSorter(uses).static_order():
        yield symbols, definitions[symbols]
