"""What the norm inequalities are about: a layer's independent weights on a set of entries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from sympy import Expr, Max, S

from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer


class Entries(Enum):
    """How a set of entries comes about; the value says it in words."""

    FIXED = "all weights"
    INDEPENDENT = "a set of weights that is independent of their values"
    SIGN_FREE = "a set of weights that is independent of their signs"
    MASKED = "each weight with a probability, independently of all else"
    WORST = "the worst of a number of fixed sets"


@dataclass(frozen=True)
class RandomMatrix:
    """The linear map Σ w_e A_e over a set of entries.

    m outputs, n inputs, κ taps, N frequencies and factor c are those of the layer; ν = `occupancy` bounds the number
    of entries of the set in one output or one input channel. Weights are independent, symmetric, of one law.

    `log_choices` is 0, or the logarithm of the number of fixed sets of which the worst is meant: a union bound over
    them, for a set that depends on the weights. `entries` says how the set comes about.
    """

    layer: Layer
    law: Law
    occupancy: Expr
    log_choices: Expr = S.Zero
    entries: Entries = Entries.FIXED

    @classmethod
    def whole(cls, layer: Layer, log_choices: Expr = S.Zero, entries: Entries = Entries.FIXED) -> RandomMatrix:
        """All weights of a layer, or those of a set of which no number is known."""
        return cls(layer, layer.weights, layer.taps * Max(layer.outputs, layer.inputs), log_choices, entries)


class NormInequality(ABC):
    """P(‖A‖ ≥ t) ≤ tail(A, t), and its inverse t = bound(A, delta) with tail(A, t) = delta."""

    key: ClassVar[str]
    name: ClassVar[str]
    source: ClassVar[str]
    admits: ClassVar[frozenset[Entries]] = frozenset(
        {Entries.FIXED, Entries.INDEPENDENT, Entries.MASKED, Entries.WORST}
    )
    """The sets of entries that its hypotheses allow."""

    @abstractmethod
    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """Upper bound of P(‖A‖ ≥ t), or None where the law lacks what the inequality needs."""

    @abstractmethod
    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """The t that ‖A‖ reaches with probability at most delta, or None where the inequality does not apply."""
