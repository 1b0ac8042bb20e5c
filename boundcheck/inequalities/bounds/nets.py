"""T3c: the norm of a dense sub-Gaussian matrix by nets on both spheres."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, exp, log, sqrt

from boundcheck.inequalities.bounds.random_matrix import NormInequality, RandomMatrix
from boundcheck.statement.domain import real

ETA = real("eta", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
"""Fineness of the nets, free."""
FINENESS = Rational(3, 50)
"""The fineness that is within 2 % of the best for widths of 8 and more."""


@dataclass(frozen=True)
class Nets(NormInequality):
    """P(‖A‖ ≥ t) ≤ (1 + 2/η)^(m+n) exp(-(1-2η)² t² / (2 s²)) for a dense layer and any 0 < η < 1/2.

    Hypotheses: independent, mean-zero, sub-Gaussian weights, some set to zero by a mask that is independent of them.

    Parameters
    ----------
    eta
        Fineness of the nets; any value in (0, 1/2) is valid.
    """

    eta: Expr = FINENESS

    key = "T3c"
    name = "nets"
    source = "R. Vershynin, High-Dimensional Probability, 2018, Section 4.4, with explicit constants"

    def tail(self, matrix: RandomMatrix, t: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        proxy = self._proxy(matrix)
        if proxy is None:
            return None
        layer = matrix.layer
        points = (1 + 2 / self.eta) ** (layer.outputs + layer.inputs)
        return points * exp(matrix.log_choices - (1 - 2 * self.eta) ** 2 * t**2 / (2 * proxy))

    def bound(self, matrix: RandomMatrix, delta: Expr) -> Expr | None:
        """See :class:`NormInequality`."""
        proxy = self._proxy(matrix)
        if proxy is None:
            return None
        layer = matrix.layer
        level = (layer.outputs + layer.inputs) * log(1 + 2 / self.eta) + log(1 / delta) + matrix.log_choices
        return sqrt(2 * proxy * level) / (1 - 2 * self.eta)

    @staticmethod
    def _proxy(matrix: RandomMatrix) -> Expr | None:
        return matrix.law.variance_proxy if matrix.layer.taps == 1 else None
