"""T1: the gap of a chain of layers from the norms of its target, kept and removed weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, Mul


def layer_recursion(
    target: Sequence[Any], kept: Sequence[Any], removed: Sequence[Any], *, radius: Any = 1, lipschitz: Any = 1
) -> Any:
    """Bound the gap: r Λ Σ_i (Π_{j>i} b_j) ρ_i (Π_{j<i} a_j).

    Replacing one layer at a time, each difference passes the later pruned layers and the earlier target layers.
    Only sums and products are used, so symbols, floats and arrays of trials all serve.

    Parameters
    ----------
    target, kept, removed
        a_i, b_i and ρ_i: spectral norms (or upper bounds of them) of W_i, of its kept and of its removed part.
        Exchange `target` and `kept` for the other order of replacement; both are valid.
    radius
        r, the largest norm of an input.
    lipschitz
        Λ, the product of the activations' Lipschitz constants.

    Returns
    -------
    The bound, of the type of the norms.

    Examples
    --------
    >>> layer_recursion([2, 3], [2, 3], [1, 1])
    5
    """
    total: Any = 0
    if any(isinstance(rho, Expr) for rho in removed):
        # One product of many symbols, rather than many products of two, each of which SymPy sorts.
        terms = (Mul(rho, *kept[i + 1 :], *target[:i]) for i, rho in enumerate(removed))
        return radius * lipschitz * Add(*terms)
    for i, rho in enumerate(removed):
        term = rho
        for b in kept[i + 1 :]:
            term = b * term
        for a in target[:i]:
            term = term * a
        total = total + term
    return radius * lipschitz * total
