"""T3d for Bernoulli masks: each weight is removed with probability p, independently of all else."""

from __future__ import annotations

from sympy import Expr, Max

from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein
from boundcheck.inequalities.bounds.random_matrix import Entries, RandomMatrix
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import Layer


class MaskedBernstein(SubsetInequality):
    """Matrix Bernstein for the products of weights and mask.

    They are independent, of mean 0, of at most sup |w| and of variance p E w², p = count/D. So v in Bernstein's
    inequality is E w² · p κ max(m, n), and no count is bounded. Hypotheses: independent, mean-zero, bounded weights.
    """

    key = "T3d masked"
    name = "matrix Bernstein for weights times mask"
    source = "J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 1.6.2"
    admits = frozenset({Entries.MASKED})

    def bound(self, layer: Layer, law: Law, count: Expr, delta: Expr) -> Expr | None:
        """See :class:`SubsetInequality`."""
        entries = count / layer.size * layer.taps * Max(layer.outputs, layer.inputs)
        return MatrixBernstein().bound(RandomMatrix(layer, law, entries), delta)
