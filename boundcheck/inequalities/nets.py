"""T3c: the norm of a dense sub-Gaussian matrix by nets on both spheres."""

from __future__ import annotations

from sympy import Expr, Rational, S, exp, log, sqrt

from boundcheck.inequalities.random_matrix import NormInequality, RandomMatrix
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import Law, normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

ETA = Rational(3, 50)
"""Fineness of the nets that is within 2 % of the best for widths of 8 and more."""


class Nets(NormInequality):
    """P(‖A‖ ≥ t) ≤ (1 + 2/η)^(m+n) exp(-(1-2η)² t² / (2 s²)) for a dense layer and any 0 < η < 1/2.

    Hypotheses: independent, mean-zero, sub-Gaussian weights, some set to zero by a mask that is independent of them.

    Parameters
    ----------
    eta
        Fineness of the nets; any value is valid.
    """

    key = "T3c"
    name = "nets"
    source = "R. Vershynin, High-Dimensional Probability, 2018, Section 4.4, with explicit constants"

    def __init__(self, eta: Expr = ETA) -> None:
        self.eta = eta

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


m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
t = real("t", min=0)
s = real("s", min=0, exclude_min=True)
fineness = real("eta", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True)

POINTS = [
    {"m": m_value, "n": n_value, "s": 1, "eta": eta_value, "t": Rational(t_value)}
    for m_value, n_value, eta_value, t_value in (
        (1, 1, "1/4", 7),
        (4, 4, "3/50", 9),
        (8, 8, "3/50", "62/5"),
    )
]


def _tail(law: Law, scale: Expr = S.One) -> Theorem:
    nets, matrix = Nets(fineness), RandomMatrix.whole(dense(n, m, weights=law))
    bound, inverse = nets.tail(matrix, t), nets.bound(matrix, delta)
    assert bound is not None
    assert inverse is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(law, m, n)) >= t) <= bound,
        source=nets.source,
        inverse={t: inverse},
        fidelity="variant",
        points=[{**point, "t": point["t"] * scale} for point in POINTS],
    )


nets_normal = _tail(normal(0, s))
nets_signs = _tail(rademacher(s))
nets_uniform = _tail(uniform(-s, s), Rational(577, 1000))
