"""That the bound of a norm inequality is where its tail has the failure probability, shown once for all sizes."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from sympy import Expr, Symbol, exp, expand, expand_log, log, numer, simplify, together

from boundcheck.derivation.proof.judgement import Reason, demand
from boundcheck.inequalities.bounds.random_matrix import NormInequality
from boundcheck.statement.functions import MomentQuantile, MomentTail, SphericalQuantile, SphericalTail

INVERSES = {MomentTail: MomentQuantile, SphericalTail: SphericalQuantile}
"""Functions that are each other's inverses by definition."""


@cache
def inverse_of_tail(inequality: NormInequality) -> Reason:
    """The reason that tail(A, bound(A, delta)) = delta, as an identity in all that the inequality depends on.

    Raises
    ------
    InvalidDerivation
        When the two do not fit together.
    """
    share = Symbol("delta", positive=True)
    matrix = _any_matrix(inequality, share)
    threshold = inequality.bound(matrix, share)
    demand(threshold is not None, f"{inequality.key} has no bound")
    assert threshold is not None
    tail = inequality.tail(matrix, threshold)
    demand(tail is not None, f"{inequality.key} has no tail")
    assert tail is not None
    excess = expand_log(log(simplify(_inverted(tail) / share)), force=True)
    demand(expand(numer(together(excess))) == 0, f"{inequality.key}: at the bound the tail is e^({excess}) times delta")
    return Reason(f"the tail of {inequality.key} at the bound is its share of delta", "an identity, by SymPy")


def _any_matrix(inequality: NormInequality, share: Expr) -> Any:
    """A matrix whose sizes and law are symbols; dense where the inequality is for dense layers only.

    N is written as delta e^(x - X) / (m + n), with a positive x in place of it, so that logarithms cancel.
    """
    m, n, s2, v, sup, g = (Symbol(x, positive=True) for x in ("m", "n", "s2", "v", "B", "g"))
    taps, c, nu, choices, x = (Symbol(x, positive=True) for x in ("kappa", "c", "nu", "X", "x"))
    many = share * exp(x - choices) / (m + n)
    law = SimpleNamespace(variance_proxy=s2, variance=v, supremum=sup, transport=g, moment_proxy=s2)
    layer = SimpleNamespace(outputs=m, inputs=n, taps=taps, frequencies=many, complex_factor=c)
    general: Any = SimpleNamespace(layer=layer, law=law, occupancy=nu, log_choices=choices)
    if inequality.bound(general, share) is None:
        layer.taps = layer.frequencies = layer.complex_factor = 1
    return general


def _inverted(tail: Expr) -> Expr:
    """Put in that a tail is e^-x at the quantile of the level x, by the definition of the two."""
    for function, quantile in INVERSES.items():

        def value(m: Expr, n: Expr, t: Expr, function: Any = function, quantile: Any = quantile) -> Expr:
            t = simplify(t)
            return exp(-t.args[2]) if isinstance(t, quantile) and t.args[:2] == (m, n) else function(m, n, t)

        tail = tail.replace(function, value)
    return tail
