"""Means and variances of expressions in statistics."""

from __future__ import annotations

from typing import Any, ClassVar

from sympy import Expr

from boundcheck.statement.atom import Atom
from boundcheck.statement.notation import Latex, Text, inside


class Expectation(Atom):
    """The mean of an expression in statistics; make one with :func:`boundcheck.E`."""

    parts = ("argument",)
    rank_in_sums: ClassVar[int] = 1
    argument: Expr

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort after statistics, so that a deviation prints as mean(X) - E(mean(X))."""
        return 5, 0, "~Expectation"

    def _sympystr(self, printer: Any) -> str:
        return f"E({inside(printer, Text)._print(self.argument)})"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{E}}\left[{inside(printer, Latex)._print(self.argument)}\right]"


class Variance(Expectation):
    """The variance of an expression in statistics, the mean of its squared deviation; make one with Var."""

    parts = ("expression",)
    is_nonnegative = True
    expression: Expr

    @property
    def argument(self) -> Expr:
        """The squared deviation of the expression from its mean."""
        return (self.expression - Expectation(self.expression)) ** 2

    def _sympystr(self, printer: Any) -> str:
        return f"Var({inside(printer, Text)._print(self.expression)})"

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{Var}}\left({inside(printer, Latex)._print(self.expression)}\right)"
