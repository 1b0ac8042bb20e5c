"""S2: the norm of a dense matrix from its values at random directions."""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import Entries, NormInequality, RandomMatrix
from boundcheck.statement.functions import SphericalQuantile, SphericalTail


class SphericalAverage(NormInequality):
    """P(‖A‖ ≥ t) ≤ min_k C_k (s/t)^{2k}, C_k = Π_{j<k} (m + 2j)(n + 2j)/(2j + 1), for a dense layer.

    Hypotheses: independent symmetric weights with E w^{2j} ≤ s^{2j} (2j-1)!! for all j; any set of entries that is
    fixed or independent of the *signs* of the weights. So kept weights of magnitude pruning have the bound as well.

    Proof. Let u and v be independent and uniform on the unit spheres. From below: let σ_i be the singular values of a
    matrix A. By rotations, uᵀAv has the law of Σ σ_i u_i v_i. In E (Σ σ_i u_i v_i)^{2k} only even powers of coordinates
    have a mean that is not 0, and these are positive, so that it does not fall when a σ_i grows. It is at least what
    σ_1 = ‖A‖ alone gives: ‖A‖^{2k} E u_1^{2k} E v_1^{2k}, with E u_1^{2k} = Π_{j<k} (2j + 1)/(m + 2j).

    From above: given u, v, all |w| and the set, signs are independent and fair. In E (Σ w_e u v)^{2k} products with an
    odd power of a weight vanish. The others are even powers of weights times squares of u and v, and so at most what
    normal weights of variance s² on all entries give. Of these, uᵀAv is normal of variance s², so that E (uᵀAv)^{2k} ≤
    s^{2k} Π_{j<k} (2j + 1). Together E ‖A‖^{2k} ≤ s^{2k} C_k; then Markov's inequality.

    The exponential moments of uᵀAv give inf_λ e^{λ²s²/2} / ₁F₂(1/2; m/2, n/2; λ²t²/4). That is no smaller: a ratio of
    two series with positive terms is at least the least ratio of their terms. And S1 with all orders q would be no
    larger, as E tr(GGᵀ)^k ≤ C_k by the same proof, E (uᵀGv)^{2k} being at least the sum over all singular values. S2 is
    smaller where S1 would need an order beyond those that it has: for levels log(1/δ) of some hundreds, as union
    bounds over sets of filters have.
    """

    key = "S2"
    name = "spherical average"
    source = "own proof, by averages over both spheres (the moments of a coordinate on a sphere are those of Beta laws)"
    admits = frozenset(Entries)

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        scale, layer = _scale(matrix), matrix.layer
        if scale is None:
            return None
        return exp(matrix.log_choices) * SphericalTail(layer.outputs, layer.inputs, t / scale)

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        scale, layer = _scale(matrix), matrix.layer
        if scale is None:
            return None
        return scale * SphericalQuantile(layer.outputs, layer.inputs, log(1 / delta) + matrix.log_choices)


def _scale(matrix: RandomMatrix) -> Expr | None:
    proxy = matrix.law.moment_proxy
    return None if proxy is None or matrix.layer.taps != 1 else sqrt(proxy)
