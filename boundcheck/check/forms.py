"""A derived bound of a network, without a theorem around it, in the notations of `boundcheck bound --format`."""

from __future__ import annotations

from sympy import Eq, Symbol

from boundcheck.check.describe import MEANINGS, definitions, derivation_lines
from boundcheck.check.symbols import rows_in_words, symbol_rows
from boundcheck.derivation.gap import GapBound
from boundcheck.formula.export import SymbolRow, table_latex, to_latex, to_mathml, to_python

EPSILON = Symbol("epsilon")


def bound_latex(bound: GapBound) -> str:
    """The formula with what its symbols stand for, on display, then a table of symbols."""
    derivation = bound.derivation
    display = to_latex(Eq(EPSILON, derivation.recursion, evaluate=False), definitions(derivation))
    return f"\\[\n{display}\n\\]\n{table_latex(_rows(bound))}\n"


def bound_mathml(bound: GapBound) -> str:
    """The formula as presentation MathML, with what its symbols stand for, and a table of symbols."""
    derivation = bound.derivation
    formula = Eq(EPSILON, derivation.recursion, evaluate=False)
    return to_mathml(formula, definitions(derivation), _rows(bound)) + "\n"


def bound_python(bound: GapBound, name: str = "gap_bound") -> str:
    """A Python module, of the standard library alone, with a function of the bound's parameters that evaluates it.

    Raises
    ------
    UnsupportedClaim
        When the formula holds a function without a standalone form.
    """
    derivation = bound.derivation
    parameters = sorted(bound.free_symbols, key=lambda p: p.name)
    docstring = "\n".join(
        [
            "Bound of the gap between a pruned network f and its target F.",
            "",
            f"With probability at least 1 - {bound.delta} over the weights and the mask, the largest ‖f(x) - F(x)‖",
            f"{_inputs(bound)} is at most the value returned, for",
            "",
            f"    {bound.pruned}",
            "",
            "Symbols:",
            *(f"    {line}" for line in rows_in_words(_rows(bound))),
            "",
            "Derived by boundcheck, after X. Qian and D. Klabjan, A Probabilistic Approach to Neural Network Pruning,",
            "ICML 2021 (setting and approach):",
            *(f"    {line}" for line in derivation_lines(derivation)),
            "",
            "Evaluated in floats: relative errors are of the order of 1e-13.",
        ]
    )
    table = definitions(derivation)
    return to_python(name, derivation.recursion, parameters, docstring, table)


def _inputs(bound: GapBound) -> str:
    """The inputs that the bound is about."""
    number = getattr(bound, "inputs", None)
    if number is None:
        return f"with ‖x‖ ≤ {bound.radius}"
    return f"at any {number} inputs with ‖x‖ ≤ {bound.radius} that are fixed before the weights are drawn"


def _rows(bound: GapBound) -> list[SymbolRow]:
    derivation = bound.derivation
    parameters = sorted(bound.free_symbols, key=lambda p: p.name)
    return symbol_rows(derivation, definitions(derivation), EPSILON, parameters, MEANINGS)


FORMS = {"latex": bound_latex, "mathml": bound_mathml, "python": bound_python}
"""The notations that are made of the bound itself."""
