"""How statements read: phrases of words, signs and formulas, and sums with what is random in front."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, TypeAlias

from sympy import Abs, Basic, Expr, Indexed, IndexedBase, Symbol, oo
from sympy.printing.latex import LatexPrinter
from sympy.printing.printer import Printer
from sympy.printing.str import StrPrinter


@dataclass(frozen=True)
class Sign:
    """A mathematical sign that is no part of a formula, as text and as LaTeX."""

    text: str
    latex: str


Fragment: TypeAlias = "str | Sign | Basic"
Phrase: TypeAlias = "tuple[Fragment, ...]"
"""What reads one after the other: strings are words, signs and formulas are mathematics."""

OPEN, CLOSE, COMMA = Sign("(", "("), Sign(")", ")"), Sign(", ", ", ")
BELONGS, DOTS, TIMES = Sign(" ∈ ", r" \in "), Sign("…", r"\dots"), Sign(" × ", r" \times ")
SIMILAR = Sign(" ~ ", r" \sim ")
IID = Sign(" i.i.d. ~ ", r" \overset{\text{i.i.d.}}{\sim} ")


def named(name: str, *arguments: Expr) -> Phrase:
    """The name of a law with its arguments: N(0, 1)."""
    sign = Sign(name, r"\mathcal{N}" if name == "N" else rf"\operatorname{{{name}}}")
    return (sign, OPEN, *listed([(argument,) for argument in arguments]), CLOSE)


def listed(items: Iterable[Sequence[Fragment]], between: Fragment = COMMA) -> Phrase:
    """Items with something between them."""
    found: list[Fragment] = []
    for item in items:
        found += [between, *item] if found else item
    return tuple(found)


def interval(low: Expr, high: Expr, *, open_low: bool = False, open_high: bool = False) -> Phrase:
    """An interval, open where an end is infinite."""
    left = OPEN if open_low or low == -oo else Sign("[", "[")
    right = CLOSE if open_high or high == oo else Sign("]", "]")
    return (left, end(low), COMMA, end(high), right)


def end(value: Expr) -> Fragment:
    """An end of an interval, possibly infinite."""
    infinite = {oo: Sign("∞", r"\infty"), -oo: Sign("-∞", r"-\infty")}
    return infinite.get(value, value)


def filled(template: str, values: Mapping[str, Expr | Phrase]) -> Phrase:
    """Words with formulas or phrases in the places {name}."""
    found: list[Fragment] = []
    for words, name, _, _ in Formatter().parse(template):
        if words:
            found.append(words)
        if name is not None:
            value = values[name]
            found += value if isinstance(value, tuple) else [value]
    return tuple(found)


class Member(Indexed):
    """One variable of a sample: X_1."""

    def _sympystr(self, printer: Any) -> str:
        index = printer._print(self.indices[0])
        return f"{self.base}_{index}" if self.indices[0].is_Atom else f"{self.base}_({index})"


def member(symbol: str, index: Any) -> Member:
    """One variable of a sample: X_1."""
    return Member(IndexedBase(symbol, real=True), index)


def members(symbol: str, size: Expr) -> Phrase:
    """All variables of a sample: X_1, …, X_n."""
    if size == 1:
        return (Symbol(symbol),)
    if size.is_number and size <= 3:
        return listed([(member(symbol, i),) for i in range(1, int(size) + 1)])
    return (member(symbol, 1), COMMA, DOTS, COMMA, member(symbol, size))


class RandomFirst(Printer):
    """A printer that writes mean(X) - t and x - a where SymPy would write -t + mean(X) and -a + x.

    To be mixed in before one of SymPy's printers.
    """

    def _as_ordered_terms(self, expr: Expr, order: Any = None) -> list[Expr]:
        terms: list[Expr] = super()._as_ordered_terms(expr, order=order)
        minus = {term: term.could_extract_minus_sign() for term in terms}
        terms.sort(key=lambda term: (_rank(term) == 0, minus[term] and _rank(term) > 0, -_rank(term)))
        first = next((term for term in terms if not minus[term]), terms[0])
        return [first, *(term for term in terms if term is not first)]

    def _print_Abs(self, expr: Expr, **options: Any) -> Any:
        # SymPy takes |mean(X) - p| for |p - mean(X)|.
        first = max(expr.args[0].as_ordered_terms(), key=_rank)
        if expr.args[0].is_Add and _rank(first) and first.could_extract_minus_sign():
            expr = Abs(-expr.args[0], evaluate=False)
        names = ("_print_Abs", "_print_Function")  # printers without a form of their own for |x| have the second
        printed = next(method for name in names if (method := getattr(super(RandomFirst, self), name, None)))
        return printed(expr, **options)


def _rank(term: Expr) -> int:
    """2 for a term with a statistic, 1 with means of statistics only, 0 with nothing random."""
    return max((atom.rank_in_sums for atom in term.atoms() if hasattr(atom, "rank_in_sums")), default=0)


class Text(RandomFirst, StrPrinter):
    """SymPy's text."""


class Latex(RandomFirst, LatexPrinter):
    """SymPy's LaTeX."""

    def _needs_mul_brackets(self, expr: Expr, first: bool = False, last: bool = False) -> bool:
        ends_late = not last and getattr(expr, "rank_in_sums", 0) == 2  # a sum goes on to its right
        return ends_late or bool(super()._needs_mul_brackets(expr, first=first, last=last))

    def _print_Indexed(self, expr: Indexed) -> str:
        return f"{expr.base}_{{{self._print(expr.indices[0])}}}"


def inside(printer: Any, kind: type[Any]) -> Any:
    """The printer itself where it is of our kind, else one of our kind with its settings."""
    if isinstance(printer, kind):
        return printer
    return kind({name: value for name, value in printer._settings.items() if name in kind._default_settings})


def text(content: Basic | Phrase) -> str:
    """An expression, a relation or a phrase as text."""
    if isinstance(content, Basic):
        return str(Text().doprint(content))
    return "".join(f if isinstance(f, str) else f.text if isinstance(f, Sign) else text(f) for f in content)


def latex(content: Basic | Phrase) -> str:
    """An expression, a relation or a phrase as LaTeX for math mode."""
    if isinstance(content, Basic):
        return str(Latex().doprint(content))
    parts = (
        rf"\text{{{escaped(f)}}}" if isinstance(f, str) else f.latex if isinstance(f, Sign) else latex(f)
        for f in content
    )
    return "".join(parts)


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"$\sim$",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def escaped(words: str) -> str:
    """Words as LaTeX for text mode."""
    return re.sub(r"[\\^~&%$#_{}]", lambda found: _SPECIAL[found.group()], words)
