"""Norm bounds for a random set of so many weights, which no count of removed weights a channel enters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from sympy import Expr

from boundcheck.inequalities.bounds.random_matrix import Entries
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer


class SubsetInequality(ABC):
    """A bound of ‖R‖ for a random set of entries of a layer, independent of the weights.

    The set is uniform among those of `count` entries (`Entries.INDEPENDENT`), or holds each of the D entries with
    probability count/D, independently of all else (`Entries.MASKED`).
    """

    key: ClassVar[str]
    name: ClassVar[str]
    source: ClassVar[str]
    admits: ClassVar[frozenset[Entries]] = frozenset({Entries.INDEPENDENT})
    """Which of the two it holds for."""

    @abstractmethod
    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """The t that ‖R‖ reaches with probability at most delta, `count` weights of this law; None: not applicable."""

    def bound_by_magnitude(self, layer: Layer, count: Expr, delta: Expr) -> Expr | None:
        """The same of the `count` smallest of the layer's own weights; None where it needs a bound of the threshold."""
        return None
