"""Norm bounds for a random set of so many weights, which no count of removed weights a channel enters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from sympy import Expr

from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer


class SubsetInequality(ABC):
    """A bound of ‖R‖ for a uniform subset of the entries of a layer, independent of the weights."""

    key: ClassVar[str]
    name: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """The t that ‖R‖ reaches with probability at most delta, `count` weights of this law; None: not applicable."""

    def bound_by_magnitude(self, layer: Layer, count: Expr, delta: Expr) -> Expr | None:
        """The same of the `count` smallest of the layer's own weights; None where it needs a bound of the threshold."""
        return None
