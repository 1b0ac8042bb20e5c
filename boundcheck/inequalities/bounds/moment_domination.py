"""S1: weights whose moments are at most a normal's have a norm whose moments are at most a Gaussian matrix's."""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import Entries, NormInequality, RandomMatrix
from boundcheck.statement.functions import MomentQuantile, MomentTail


class MomentDomination(NormInequality):
    """P(‖A‖ ≥ t) ≤ N min_q (s²κ)^q M_q(m, n) / t^{2q}, M_q(m, n) = E tr(GGᵀ)^q for a standard normal m × n matrix G.

    Hypotheses: independent symmetric weights with E w^{2j} ≤ s^{2j} (2j-1)!! for all j; any set of entries that is
    fixed or independent of the *signs* of the weights. So kept weights of magnitude pruning have the bound as well.

    Proof. Let P be the block at one frequency, entries Σ_taps η w with |η| = 1. E tr(PP*)^q is a sum over closed walks
    of products of weights and of phases. Given all |w| and the set, signs are independent and fair, so that a product
    with an odd power has mean 0; any other one is at most s^{2q} Π (2j-1)!!, what normal weights of variance s² on all
    entries and phases of 1 give. With these, each entry is normal of variance s²κ, and the sum is (s²κ)^q M_q(m, n).
    By Markov's inequality P(‖P‖ ≥ t) ≤ E tr(PP*)^q / t^{2q}; a union bound over N frequencies gives the rest.
    """

    key = "S1"
    name = "moment domination"
    source = (
        "moment method (after A. S. Bandeira and R. van Handel, Ann. Probab. 44, 2016, Section 2); moments of Gaussian "
        "matrices by Hanlon, Stanley and Stembridge, Contemp. Math. 138, 1992"
    )
    admits = frozenset(Entries)

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        scale, layer = _scale(matrix), matrix.layer
        if scale is None:
            return None
        return layer.frequencies * exp(matrix.log_choices) * MomentTail(layer.outputs, layer.inputs, t / scale)

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        scale, layer = _scale(matrix), matrix.layer
        if scale is None:
            return None
        level = log(layer.frequencies / delta) + matrix.log_choices
        return scale * MomentQuantile(layer.outputs, layer.inputs, level)


def _scale(matrix: RandomMatrix) -> Expr | None:
    proxy = matrix.law.moment_proxy
    return None if proxy is None else sqrt(proxy * matrix.layer.taps)
