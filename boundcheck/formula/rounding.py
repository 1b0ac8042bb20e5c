"""How far floating-point forward passes can be from exact ones: an a priori allowance for every measured gap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNIT_ROUNDOFF = 2.0**-53
_SMALLEST = 5e-324


def gamma(k: float) -> float:
    """Higham's γ_k = k·u / (1 - k·u) for float64 (Higham, Accuracy and Stability, 2nd ed., Lemma 3.1)."""
    return k * UNIT_ROUNDOFF / (1 - k * UNIT_ROUNDOFF)


def gap_allowance(
    gap: NDArray[np.float64],
    norms: NDArray[np.float64],
    frobenius: NDArray[np.float64],
    widths: NDArray[np.int64],
    lipschitz: NDArray[np.float64],
    radius: float,
) -> NDArray[np.float64]:
    """Bound |measured gap - exact gap| at the same input, for float64 forward passes.

    For z = W h with ‖h‖ ≤ H the computed product is off by at most γ_n ‖W‖_F H (|W| has spectral norm at most
    ‖W‖_F; any summation order, with or without fused operations), an activation adds at most 4 units of
    rounding of its value, and later layers pass an error on with their Lipschitz constant. Underflow adds at most
    the smallest float for each product. The errors of both networks and of the final norm add up.

    Parameters
    ----------
    gap
        Measured gaps, shape (trials,): the norm scaled by its largest entry, so that squares do not underflow.
    norms
        Upper bounds of the spectral norms of target and kept weights, shape (trials, layers, 2).
    frobenius
        Upper bounds of the Frobenius norms of the target's weights, shape (trials, layers).
    widths
        Input width, then each layer's output width, shape (layers + 1,).
    lipschitz
        Lipschitz constant of the activation after each layer (1 after the last), shape (layers,).
    radius
        Upper bound of the norm of the inputs.

    Returns
    -------
    The allowance, shape (trials,), inflated by 1 % against its own rounding.
    """
    trials, layers = frobenius.shape
    total = gamma(int(widths[-1]) + 4) * gap + _SMALLEST
    with np.errstate(over="ignore", invalid="ignore"):
        for network in range(2):
            hidden = np.full(trials, radius * (1 + 1e-12))
            error = np.zeros(trials)
            for i in range(layers):
                product_error = gamma(int(widths[i]) + 4) * frobenius[:, i] * hidden
                underflow = float(widths[i]) * float(widths[i + 1]) * _SMALLEST
                norm = norms[:, i, network]
                new_hidden = norm * hidden + product_error + underflow
                error = lipschitz[i] * (norm * error + product_error + underflow)
                error += 4 * UNIT_ROUNDOFF * lipschitz[i] * new_hidden + _SMALLEST * float(widths[i + 1])
                hidden = lipschitz[i] * new_hidden * (1 + 8 * UNIT_ROUNDOFF)
            total = total + error
        total = total * 1.01
    return np.where(np.isnan(total), np.inf, total)


def statistic_allowance(
    values: NDArray[np.float64], absolute: NDArray[np.float64], size: int, kind: str, resolution: float = 0.0
) -> NDArray[np.float64]:
    """Bound |computed - exact| for a statistic of variables that were drawn up to a resolution.

    A sum of n terms in any order is off by at most γ_n Σ|x_i| (Higham, Section 4.2) and n times the resolution; a
    maximum by the resolution.

    Parameters
    ----------
    values
        Computed statistics, shape (trials,).
    absolute
        Computed sums of absolute values, shape (trials,).
    size
        Number n of variables.
    kind
        "sum", "mean" or "maximum".
    resolution
        How far a drawn variable may be from one of the exact law.
    """
    if kind == "maximum":
        return np.full_like(values, resolution)
    bound = gamma(2 * size + 4) * absolute + size * resolution
    # The division of a mean may underflow.
    return bound if kind == "sum" else bound / size + _SMALLEST
