"""How far floating-point forward passes can be from exact ones: an a priori allowance for every measured gap."""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

UNIT_ROUNDOFF = 2.0**-53
SMALLEST = 5e-324


def gamma(k: float, roundoff: float = UNIT_ROUNDOFF) -> float:
    """Higham's γ_k = k·u / (1 - k·u) (Higham, Accuracy and Stability, 2nd ed., Lemma 3.1); infinite from k·u = 1 on."""
    return k * roundoff / (1 - k * roundoff) if k * roundoff < 1 else math.inf


def gap_allowance(
    gap: NDArray[np.float64],
    norms: NDArray[np.float64],
    absolute: NDArray[np.float64],
    *,
    lipschitz: NDArray[np.float64],
    terms: NDArray[np.int64],
    outputs: NDArray[np.int64],
    roundings: NDArray[np.int64],
    underflows: NDArray[np.float64],
    radius: float,
    roundoff: float = UNIT_ROUNDOFF,
    smallest: float = SMALLEST,
    largest: float = sys.float_info.max,
    weight_roundoff: float = 0.0,
    offsets: NDArray[np.float64] | None = None,
    biases: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Bound |measured gap - exact gap| at the same input, for forward passes in double or single precision.

    A linear map A, every output a sum of n products: for ‖h‖ ≤ H the computed z = A h is off by at most
    γ_n ‖|A|‖ H, whatever the order of summation, with or without fused operations. For a convolution, zero or circular
    padding, any stride, ‖|A|‖ ≤ ‖Σ_t |K_t|‖ ≤ ‖Σ_t |K_t|‖_F, since every tap acts on each channel by a map of norm at
    most 1; for a dense layer this is the Frobenius norm. Underflow adds at most the smallest float for each product.

    The steps s = 1, …, r after it fix 0, have Lipschitz constants L_s and computed values that are off by at most
    γ_c(s) L_s times the norm of what they are given: an activation, at most 4 units of its values; an average of k
    cells, γ_{k+4} times that of the moduli, whose norm is at most L_s times as long; a maximum is exact. An error
    passes later steps with their constants, so with Λ = Π L_s and c = Σ c(s)

        Λ ‖z error‖ + Λ ‖z‖ (Π (1 + γ_c(s)) - 1) ≤ Λ (‖z error‖ + γ_c ‖z‖)

    (Higham, Lemma 3.3). The next layer passes it on with its norm. A bias c that is added to z = A h, and that may have
    been rounded before, adds at most γ_2 (‖z‖ + ‖c‖) to the error and ‖c‖ to the norm. The errors of both networks add
    up, and that of the final norm, which is taken in double precision whatever the forward passes have.

    Parameters
    ----------
    gap
        Measured gaps, shape (trials,): the norm scaled by its largest entry, so that squares do not underflow.
    norms
        Upper bounds of the spectral norms of target and kept weights, shape (trials, layers, 2) or more.
    absolute
        Upper bounds of ‖Σ_t |K_t|‖_F of the target's weights, shape (trials, layers).
    lipschitz
        Lipschitz constant Λ of what follows each linear map, shape (layers,).
    terms
        Number of products in each output of each linear map, shape (layers,).
    outputs
        Numbers of outputs of each linear map, and of the network, shape (layers + 1,).
    roundings
        c for what follows each linear map, shape (layers,).
    underflows
        How many times the smallest float these steps may be off besides, shape (layers,).
    radius
        Upper bound of the norm of the inputs.
    roundoff, smallest, largest
        Unit roundoff u and the range of the floats that the forward passes compute with.
    weight_roundoff
        Relative error of weights that were rounded to coarser floats; one of at most u is allowed for anyway.
    offsets
        Where constants are added in what follows each linear map: upper bounds of their norms there, after later
        steps (with constants of at least 1) as well, shape (layers,). `roundings` counts the additions.
    biases
        Upper bounds of the norms of what is added to the outputs of linear maps, shape (trials, layers).

    Returns
    -------
    The allowance, shape (trials,), inflated by 1 % against its own rounding; infinite where sums may overflow.
    """
    trials, layers = absolute.shape
    added = np.zeros(layers) if offsets is None else offsets
    total = gamma(int(outputs[-1]) + 4) * gap + SMALLEST
    with np.errstate(over="ignore", invalid="ignore"):
        for network in range(2):
            hidden = np.full(trials, radius * (1 + 1e-12))
            error = np.zeros(trials)
            for i in range(layers):
                sums = absolute[:, i] * hidden
                product_error = (gamma(int(terms[i]) + 4, roundoff) + 2 * weight_roundoff) * sums
                underflow = float(terms[i]) * float(outputs[i]) * smallest
                norm = norms[:, i, network]
                new_hidden = norm * hidden + product_error + underflow
                if biases is not None:
                    added_error = gamma(2, roundoff) * (new_hidden + biases[:, i]) + 2 * weight_roundoff * biases[:, i]
                    product_error = product_error + np.where(biases[:, i] > 0, added_error + smallest * outputs[i], 0.0)
                    sums = sums + biases[:, i]
                    new_hidden = norm * hidden + biases[:, i] + product_error + underflow
                error = lipschitz[i] * (norm * error + product_error + underflow)
                rounded = gamma(1, roundoff) * (int(roundings[i]) * new_hidden)  # infinite where a sum of cells may be
                # What is rounded after a constant was added has at most Λ ‖z‖ and that constant's norm together.
                extra = gamma(1, roundoff) * (int(roundings[i]) * added[i])
                error += lipschitz[i] * rounded + extra + smallest * underflows[i]
                hidden = (lipschitz[i] * (new_hidden + 2 * rounded) + added[i] + 2 * extra) * (1 + 8 * UNIT_ROUNDOFF)
                most = new_hidden + added[i] + (rounded + extra) / roundoff
                partial = np.maximum(sums + product_error, most)  # sums never exceed these
                error = np.where(2 * partial < largest, error, np.inf)
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
    return bound if kind == "sum" else bound / size + SMALLEST
