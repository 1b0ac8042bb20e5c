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


def layer_recursion_with_biases(
    target: Sequence[Any],
    kept: Sequence[Any],
    removed: Sequence[Any],
    biases: Sequence[Any],
    lipschitz: Sequence[Any],
    *,
    radius: Any = 1,
) -> Any:
    """Bound the gap of a network with biases, which pruning leaves alone: Σ_i (Π_{j>i} L_j b_j) L_i ρ_i h_{i-1}.

    h_i bounds the norms of the target's hidden vectors: h_0 = r, h_i = L_i (a_i h_{i-1} + β_i). Without biases it is
    :func:`layer_recursion`.

    Proof. Let z_i = W_i x_{i-1} + c_i, x_i = σ_i(z_i), and the same with a prime and W_i - R_i for the pruned network.
    As σ_i(0) = 0, ‖x_i‖ ≤ L_i ‖z_i‖ ≤ L_i (a_i ‖x_{i-1}‖ + ‖c_i‖). Biases cancel in z'_i - z_i = (W_i - R_i)(x'_{i-1} -
    x_{i-1}) - R_i x_{i-1}, so that ‖x'_i - x_i‖ ≤ L_i (b_i ‖x'_{i-1} - x_{i-1}‖ + ρ_i ‖x_{i-1}‖), from 0 for i = 0.

    Parameters
    ----------
    target, kept, removed
        a_i, b_i and ρ_i, as in :func:`layer_recursion`. Exchange `target` and `kept` for hidden vectors of the pruned
        network in place of the target's: W_i and x'_{i-1} then stand where W_i - R_i and x_{i-1} do.
    biases
        β_i ≥ ‖c_i‖, c_i what is added to all of a hidden vector: for a convolution, its bias at every cell.
    lipschitz
        L_i, the Lipschitz constant of what follows layer i.
    radius
        r, the largest norm of an input.

    Examples
    --------
    >>> layer_recursion_with_biases([2, 3], [2, 3], [1, 1], [0, 0], [1, 1]) == layer_recursion([2, 3], [2, 3], [1, 1])
    True
    >>> layer_recursion_with_biases([2, 3], [2, 3], [1, 1], [4, 100], [1, 1])
    9
    """
    hidden, gap = radius, 0
    for a, b, rho, beta, constant in zip(target, kept, removed, biases, lipschitz, strict=True):
        gap = constant * (b * gap + rho * hidden)
        hidden = constant * (a * hidden + beta)
    return gap
