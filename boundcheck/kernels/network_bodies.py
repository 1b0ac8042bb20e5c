"""A fully connected network and its pruned twin, evaluated side by side on the same inputs."""

from __future__ import annotations

import math

import numpy as np

from .jit import ByteArray, FloatArray, body
from .linear_bodies import add_eight_rows, add_row
from .tables import LEAKY_RELU, RELU, TANH


@body
def effective(weights: FloatArray, removed: ByteArray, pruned: bool, i: int, k: int) -> float:
    """Weight (i, k) of the target, or of the pruned network."""
    return 0.0 if pruned and removed[i, k] != 0 else weights[i, k]


@body
def dense(out: FloatArray, weights: FloatArray, removed: ByteArray, pruned: bool, hidden: FloatArray) -> None:
    """out[m, B] = W h for weights[m, n] and hidden[n, B]; with the removed weights as zeros if `pruned`.

    Both networks take the same sums in the same order, so what pruning does not touch is bit-identical.
    """
    m, n = weights.shape
    for i in range(m):
        for b in range(out.shape[1]):
            out[i, b] = 0.0
    whole = n - n % 8
    for k in range(0, whole, 8):
        for i in range(m):
            add_eight_rows(
                out[i], hidden, k, 0,
                effective(weights, removed, pruned, i, k),
                effective(weights, removed, pruned, i, k + 1),
                effective(weights, removed, pruned, i, k + 2),
                effective(weights, removed, pruned, i, k + 3),
                effective(weights, removed, pruned, i, k + 4),
                effective(weights, removed, pruned, i, k + 5),
                effective(weights, removed, pruned, i, k + 6),
                effective(weights, removed, pruned, i, k + 7),
            )  # fmt: skip
    for k in range(whole, n):
        for i in range(m):
            add_row(out[i], hidden[k], effective(weights, removed, pruned, i, k))


@body
def activate(hidden: FloatArray, activation: int, slope: float) -> None:
    """Apply an activation to hidden[m, B] in place; `slope` is LEAKY_RELU's on negative numbers."""
    m, count = hidden.shape
    for i in range(m):
        row = hidden[i]
        if activation == RELU:
            for b in range(count):
                row[b] = row[b] if not row[b] < 0.0 else 0.0
        elif activation == LEAKY_RELU:
            for b in range(count):
                row[b] = row[b] if not row[b] < 0.0 else slope * row[b]
        elif activation == TANH:
            for b in range(count):
                row[b] = math.tanh(row[b])


@body
def worst_gap(target: FloatArray, kept: FloatArray) -> tuple[float, int]:
    """The largest ‖kept[:, b] - target[:, b]‖ over the inputs b, and the first b that attains it.

    Each norm is scaled by its largest entry, so it neither overflows nor underflows early. A gap that is
    not a number counts as the worst, so that an overflowing network cannot pass for a small gap.
    """
    m, count = target.shape
    worst = -1.0
    where = 0
    for b in range(count):
        largest = 0.0
        for i in range(m):
            difference = abs(kept[i, b] - target[i, b])
            if difference > largest or difference != difference:
                largest = difference
        total = 0.0
        if largest > 0.0 and largest < np.inf:
            for i in range(m):
                ratio = (kept[i, b] - target[i, b]) / largest
                total += ratio * ratio
            norm = largest * math.sqrt(total)
        else:
            norm = largest
        if norm != norm:
            return norm, b
        if norm > worst:
            worst = norm
            where = b
    return worst, where
