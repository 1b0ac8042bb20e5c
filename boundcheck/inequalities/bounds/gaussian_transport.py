"""T3b: weights that are Lipschitz images of normals have a norm like a Gaussian matrix's."""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import NormInequality, RandomMatrix


class GaussianTransport(NormInequality):
    """P(‖A‖ ≥ g √κ (c(√m + √n) + t)) ≤ N exp(-t²/2) for weights w = T(Z), T odd and g-Lipschitz.

    Hypotheses: independent weights that are such images of standard normals, or mixtures of them with constants of at
    most g; weights outside a set that is fixed or independent of them set to zero. Not for magnitude masks.
    """

    key = "T3b"
    name = "Gaussian transport"
    source = (
        "contraction principle; Davidson and Szarek, Handbook of the Geometry of Banach Spaces I, 2001, "
        "Theorem II.13; Gaussian concentration of Lipschitz maps"
    )

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`; a bound only for t at or above that of the mean, g √κ c (√m + √n)."""
        scale, mean = _scale(matrix), _mean(matrix)
        if scale is None:
            return None
        return matrix.layer.frequencies * exp(matrix.log_choices - (t / scale - mean) ** 2 / 2)

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        scale = _scale(matrix)
        if scale is None:
            return None
        level = log(matrix.layer.frequencies / delta) + matrix.log_choices
        return scale * (_mean(matrix) + sqrt(2 * level))


def _scale(matrix: RandomMatrix) -> Expr | None:
    g = matrix.law.transport
    return None if g is None else g * sqrt(matrix.layer.taps)


def _mean(matrix: RandomMatrix) -> Expr:
    layer = matrix.layer
    return layer.complex_factor * (sqrt(layer.outputs) + sqrt(layer.inputs))
