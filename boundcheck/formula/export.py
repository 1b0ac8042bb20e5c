"""A formula as LaTeX, MathML or Python source."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from sympy import Expr, Symbol, latex
from sympy.core.relational import Relational
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.pycode import PythonCodePrinter

Definitions = Mapping[tuple[Symbol, ...], Expr]
"""Symbols that a formula uses, with what they stand for; symbols of equal value share an entry."""


def to_latex(formula: Expr | Relational | None, definitions: Definitions | None = None) -> str:
    """The formula as LaTeX; with definitions, an aligned environment that lists them below it."""
    if not definitions:
        return str(latex(formula))
    lines = [] if formula is None else [f"& {latex(formula)}"]
    for symbols, value in definitions.items():
        names = " = ".join(latex(s) for s in symbols)
        lines.append(f"{names} &= {latex(value)}")
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


class _MathML(MathMLPresentationPrinter):
    """Presentation MathML for probabilities, expectations, statistics, gaps and the functions of boundcheck."""

    def _call(self, name: str, *arguments: Any) -> Any:
        row = self.dom.createElement("mrow")
        row.appendChild(self._word(name, "mi"))
        row.appendChild(self._word("(", "mo"))
        for i, argument in enumerate(arguments):
            if i:
                row.appendChild(self._word(",", "mo"))
            row.appendChild(self._print(argument) if isinstance(argument, Expr | Relational) else argument)
        row.appendChild(self._word(")", "mo"))
        return row

    def _word(self, text: str, tag: str) -> Any:
        element = self.dom.createElement(tag)
        element.appendChild(self.dom.createTextNode(text))
        return element

    def _print_Probability(self, e: Any) -> Any:
        return self._call("P", e.event)

    def _print_Expectation(self, e: Any) -> Any:
        return self._call("E", e.argument)

    def _print_Statistic(self, e: Any) -> Any:
        return self._call({"sum": "sum", "mean": "mean", "maximum": "max"}[e.kind], self._word("X", "mi"))

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
    rows = [_mathml(formula)]
    for symbols, value in (definitions or {}).items():
        names = "<mo>=</mo>".join(_mathml(s) for s in symbols)
        rows.append(f"<mrow>{names}<mo>=</mo>{_mathml(value)}</mrow>")
    body = rows[0]
    if len(rows) > 1:
        body = "<mtable>" + "".join(f"<mtr><mtd>{row}</mtd></mtr>" for row in rows) + "</mtable>"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{body}</math>'


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
    "erfinv": "erfinv",
    "floor": "exact_floor",
}
_IMPORTS = {
    "beta_quantile": "from boundcheck.formula.special import beta_quantile",
    "hypergeometric_bound": "from boundcheck.formula.special import hypergeometric_bound",
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
