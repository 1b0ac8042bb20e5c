"""Rate functions that several inequalities share."""

from __future__ import annotations

from sympy import Expr, exp, log


def relative_entropy(q: Expr, p: Expr) -> Expr:
    """KL(q‖p) between the Bernoulli laws with these means, 0 < p, q < 1."""
    return q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))


def bennett_rate(u: Expr) -> Expr:
    """h(u) = (1 + u) log(1 + u) - u, u ≥ 0 (BLM 2013, Theorem 2.9)."""
    return (1 + u) * log(1 + u) - u


def upper_factor(u: Expr) -> Expr:
    """e^u / (1 + u)^(1 + u), whose power μ bounds P(S ≥ (1 + u) μ), u ≥ 0."""
    return exp(u) / (1 + u) ** (1 + u)


def lower_factor(u: Expr) -> Expr:
    """e^(-u) / (1 - u)^(1 - u), whose power μ bounds P(S ≤ (1 - u) μ), 0 ≤ u < 1."""
    return exp(-u) / (1 - u) ** (1 - u)
