"""Formulas, and what reads beside them, as presentation MathML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from sympy import Abs, Basic, Expr, Function, Integer, Mul, Symbol, ceiling, exp, floor, fraction
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import PRECEDENCE

from boundcheck.statement.laws import VALUE
from boundcheck.statement.notation import Fragment, RandomFirst
from boundcheck.statement.randomness.statistic import WORDS


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

    def _print_Mul(self, e: Any) -> Any:
        """As LaTeX has it: 2 e^(-t) is no fraction, which SymPy's presentation makes of it."""
        row = self.dom.createElement("mrow")
        if e.could_extract_minus_sign():
            row.appendChild(self._word("-", "mo"))
            e = -e
        above, below = fraction(e, exact=True)
        if below != 1:
            row.appendChild(self._layout("mfrac", above, below))
            return row
        if not e.is_Mul:
            row.appendChild(self._print(e))
            return row
        number, others = e.as_coeff_mul()
        factors = Mul._from_args(others).as_ordered_factors()
        for i, factor in enumerate(factors if number == 1 else [number, *factors]):
            if i:
                row.appendChild(self._word("\N{INVISIBLE TIMES}", "mo"))
                if _named(factor):
                    space = self.dom.createElement("mspace")
                    space.setAttribute("width", "0.17em")
                    row.appendChild(space)
            row.appendChild(self.parenthesize(factor, PRECEDENCE["Mul"]))
        return row

    def _print_Exp1(self, e: Any) -> Any:
        return self._word("e", "mi")

    def _print_Function(self, e: Any) -> Any:
        """SymPy's, with the name of a function of our own as it is written."""
        tag, name = html.unescape(self.mathml_tag(e)), type(e).__name__
        return self._call(name if tag == name.lower() else tag, *e.args)

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
        function, _, argument = e.symbol.rstrip(")").partition("(")
        if argument:
            return self._call(function, Symbol(argument))
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


def _named(factor: Expr) -> bool:
    """Whether it begins with the name of a function, which does not stand close to what it multiplies."""
    if factor.is_Pow:
        return not (factor.exp.is_Rational and factor.exp.q == 2) and _named(factor.base)
    return isinstance(factor, Function) and not isinstance(factor, Abs | exp | ceiling | floor)


def mathml(expression: Any) -> str:
    """An expression or a relation as MathML, without the element <math> around it."""
    text = str(_MathML().doprint(expression))
    # Characters instead of HTML's named entities, so that XML readers take it as well.
    text = re.sub(r"&(?!lt;|gt;|amp;|#)\w+;", lambda found: html.unescape(found.group()), text)
    # Browsers draw the sign of a keyboard as a hyphen.
    text = re.sub(r"<mn>-([^<]*)</mn>", r"<mrow><mo>−</mo><mn>\1</mn></mrow>", text)
    return text.replace("<mo>-</mo>", "<mo>−</mo>")


def fragment_mathml(fragment: Fragment) -> str:
    """A formula, words, or a sign as MathML, without the element <math> around it."""
    if isinstance(fragment, Basic):
        return mathml(fragment)
    if isinstance(fragment, str):
        # Spaces at the ends of mtext collapse.
        return f"<mtext>{html.escape(fragment, quote=False).replace(' ', chr(0xA0))}</mtext>"
    return "".join(_sign(fragment.text))


def _sign(text: str) -> Iterator[str]:
    """The parts of a sign: names in the slope of their length, words, numbers, and operators that do not stretch."""
    for token in re.findall(r"(?:\w\.)+|[^\W\d_]+(?:_\w+)?|\d+|[^\w\s]", text):
        name, _, index = token.partition("_")
        if index:
            yield f"<msub><mi>{name}</mi><mi>{index}</mi></msub>"
        elif "." in token:
            yield f"<mtext>{chr(0xA0)}{token}{chr(0xA0)}</mtext>"
        elif token == "N":  # of the normal law, and no variable
            yield '<mi mathvariant="normal">N</mi>'
        elif token[0].isalpha() or token in "…∞":
            yield f"<mi>{token}</mi>"
        elif token.isdigit():
            yield f"<mn>{token}</mn>"
        else:
            sign = html.escape({"~": "∼", "-": "−"}.get(token, token))
            yield f'<mo stretchy="false">{sign}</mo>' if token in "()[]{}" else f"<mo>{sign}</mo>"
