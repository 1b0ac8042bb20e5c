"""Norms of matrix series with independent coefficients: sub-Gaussian (T3a) and Bernstein (T3d)."""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import NormInequality, RandomMatrix


def _dimension(matrix: RandomMatrix) -> Expr:
    """N (m + n): the dimension of the Hermitian dilation, once for each frequency."""
    layer = matrix.layer
    return layer.frequencies * (layer.outputs + layer.inputs)


class SubGaussianSeries(NormInequality):
    """P(‖A‖ ≥ t) ≤ N (m+n) exp(-t² / (2 s² ν)), s² the variance proxy of a weight.

    Hypotheses: independent, mean-zero, sub-Gaussian weights; a set of entries that is fixed or independent of them.
    """

    key = "T3a"
    name = "matrix sub-Gaussian series"
    source = "J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 4.1.1"

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        proxy = matrix.law.variance_proxy
        if proxy is None:
            return None
        return _dimension(matrix) * exp(matrix.log_choices - t**2 / (2 * proxy * matrix.occupancy))

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        proxy = matrix.law.variance_proxy
        if proxy is None:
            return None
        return sqrt(2 * proxy * matrix.occupancy * (log(_dimension(matrix) / delta) + matrix.log_choices))


class MatrixBernstein(NormInequality):
    """P(‖A‖ ≥ t) ≤ N (m+n) exp(-(t²/2) / (v + Bt/3)), v = variance·ν and B = sup |w|.

    Hypotheses: independent, mean-zero, bounded weights; a set of entries that is fixed or independent of them.
    """

    key = "T3d"
    name = "matrix Bernstein"
    source = "J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 1.6.2"

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        law = matrix.law
        if law.variance is None or law.supremum is None:
            return None
        v = law.variance * matrix.occupancy
        return _dimension(matrix) * exp(matrix.log_choices - t**2 / 2 / (v + law.supremum * t / 3))

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        law = matrix.law
        if law.variance is None or law.supremum is None:
            return None
        level = log(_dimension(matrix) / delta) + matrix.log_choices
        shift = law.supremum * level / 3
        return shift + sqrt(shift**2 + 2 * law.variance * matrix.occupancy * level)
