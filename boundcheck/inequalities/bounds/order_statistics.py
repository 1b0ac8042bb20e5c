"""T5: the magnitude-pruned part of a layer is a randomly pruned part times an order statistic."""

from __future__ import annotations

from sympy import Expr, S

from boundcheck.errors import UnsupportedClaim
from boundcheck.statement.functions import BetaQuantile
from boundcheck.statement.laws import Law, Uniform
from boundcheck.statement.layer import Layer

UNIT = Uniform(-S.One, S.One)
"""Law of a removed weight divided by the threshold, when |w| has a nonincreasing density: a mixture of centred
uniform laws on subsets of [-1, 1], for which every norm bound of the uniform law on [-1, 1] holds as well."""


def threshold_bound(layer: Layer, count: Expr, delta: Expr) -> Expr:
    """The τ that the (count+1)-th smallest |w| exceeds with probability delta.

    With G the distribution function of |w|, G(τ) ~ Beta(count + 1, D - count).

    Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 2003, Section 2.3; the independence of
    threshold, removed set and removed weights given the threshold, Section 2.5.

    Raises
    ------
    UnsupportedClaim
        When the law of a weight is not symmetric and continuous with |w| of nonincreasing density.
    """
    law: Law = layer.weights
    tau = law.magnitude_quantile(BetaQuantile(count + 1, layer.size - count, delta)) if law.unimodal else None
    if tau is None:
        raise UnsupportedClaim(
            f"magnitude pruning of weights with law {law} has no bound here; "
            "use uniform(-a, a) or normal(0, v) weights, or random pruning"
        )
    return tau
