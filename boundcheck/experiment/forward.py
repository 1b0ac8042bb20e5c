"""Forward passes in NumPy, of weights that need not be drawn as a plan says: for networks outside a theorem.

The kernels draw what a theorem assumes. Here weights are given, and a constant may be added to each activation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.kernels import steps as s
from boundcheck.kernels import tables

Floats = NDArray[np.float64]
_ONE_THREAD = 1 << 18
"""Products that OpenBLAS computes in one thread."""


def forward(
    table: NDArray[np.int64],
    slopes: Floats,
    weights: Sequence[Floats],
    inputs: Floats,
    *,
    shift: float = 0.0,
    biases: Sequence[Floats | None] | None = None,
) -> Floats:
    """Outputs of T networks of one shape.

    Parameters
    ----------
    table, slopes
        The network as steps (see `boundcheck.kernels.steps`), and slopes of leaky ReLU.
    weights
        One array (T, outputs, inputs·taps) a layer.
    inputs
        Shape (T, channels·rows·columns, B), or (1, …) for inputs that all networks share.
    shift
        What is added after each activation.
    biases
        One array (T, outputs) or None a layer, of what is added to each output; None for no biases.

    Returns
    -------
    Shape (T, outputs, B).
    """
    *_, last = _states(table, slopes, weights, inputs, shift, biases)
    return last.reshape(len(last), -1, inputs.shape[2])


def pulled_back(
    table: NDArray[np.int64],
    slopes: Floats,
    weights: Sequence[Floats],
    inputs: Floats,
    directions: Floats,
    *,
    shift: float = 0.0,
    biases: Sequence[Floats | None] | None = None,
) -> Floats:
    """Gradients in the inputs of the outputs' products with given directions, of shape (T, outputs, B).

    Where a maximum is attained at several cells, or an activation has a kink, it is one of several limits of gradients.
    Arguments are those of :func:`forward`; the result has the shape (T, channels·rows·columns, B).
    """
    *states, _ = _states(table, slopes, weights, inputs, shift, biases)
    left = list(weights)
    flow, count = directions, inputs.shape[2]
    for row, slope, state in zip(table[::-1], slopes[::-1], states[::-1], strict=True):
        shape = (int(row[s.CHANNELS_OUT]), int(row[s.ROWS_OUT]), int(row[s.COLUMNS_OUT]))
        flow = flow.reshape(len(flow), *shape, count)
        if row[s.KIND] == s.LINEAR:
            flow = _linear_back(row, left.pop(), flow)
        elif row[s.KIND] == s.ACTIVATE:
            flow = flow * _slope(int(row[s.DETAIL]), slope, state)
        else:
            flow = _pool_back(row, state, flow)
    return flow.reshape(len(flow), *inputs.shape[1:])


def _states(
    table: NDArray[np.int64],
    slopes: Floats,
    weights: Sequence[Floats],
    inputs: Floats,
    shift: float,
    biases: Sequence[Floats | None] | None,
) -> Iterator[Floats]:
    """What each step is given, shape (T, channels, rows, columns, B), and what the last one hands on."""
    left, added = list(weights), list(biases or [None] * len(weights))
    state = inputs
    for row, slope in zip(table, slopes, strict=True):
        shape = (int(row[s.CHANNELS_IN]), int(row[s.ROWS_IN]), int(row[s.COLUMNS_IN]))
        state = state.reshape(len(state), *shape, inputs.shape[2])
        yield state
        if row[s.KIND] == s.LINEAR:
            state = _linear(row, left.pop(0), state)
            bias = added.pop(0)
            if bias is not None:
                state = state + bias[:, :, np.newaxis, np.newaxis, np.newaxis]
        elif row[s.KIND] == s.ACTIVATE:
            state = _activate(int(row[s.DETAIL]), slope, state) + shift
        else:
            state = _pool(row, state)
    yield state


def gaps(outputs: Floats, others: Floats) -> Floats:
    """Euclidean distances of outputs of shape (T, outputs, B), shape (T, B); squares do not underflow."""
    apart = outputs - others
    scale = np.abs(apart).max(axis=1, keepdims=True)
    scaled = np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0)
    return np.asarray(scale[:, 0] * np.sqrt((scaled**2).sum(axis=1)))


def _padding(row: NDArray[np.int64]) -> list[tuple[int, int]]:
    top, bottom, left, right = (int(row[i]) for i in (s.PAD_TOP, s.PAD_BOTTOM, s.PAD_LEFT, s.PAD_RIGHT))
    return [(0, 0), (0, 0), (top, bottom), (left, right), (0, 0)]


def _windows(row: NDArray[np.int64], padded: Floats) -> list[Floats]:
    """What each tap of the window sees, shape (T, channels, rows, columns, B) each."""
    kernel = int(row[s.KERNEL_ROWS]), int(row[s.KERNEL_COLUMNS])
    down, across = int(row[s.STRIDE_ROWS]), int(row[s.STRIDE_COLUMNS])
    rows, columns = int(row[s.ROWS_OUT]), int(row[s.COLUMNS_OUT])
    return [
        padded[:, :, a : a + down * (rows - 1) + 1 : down, b : b + across * (columns - 1) + 1 : across]
        for a in range(kernel[0])
        for b in range(kernel[1])
    ]


def _products(matrices: Floats, columns: Floats) -> Floats:
    """Products of T pairs of matrices, in parts so small that BLAS starts no threads, which may wait for each other."""
    trials, m, n = matrices.shape
    found = np.empty((trials, m, columns.shape[2]))
    width = max(1, _ONE_THREAD // (m * n))
    for first in range(0, columns.shape[2], width):
        part = slice(first, first + width)
        np.matmul(matrices, columns[:, :, part], out=found[:, :, part])
    return found


def _linear(row: NDArray[np.int64], weights: Floats, state: Floats) -> Floats:
    padded = np.pad(state, _padding(row), mode="wrap" if row[s.CIRCULAR] else "constant")
    trials, outputs = weights.shape[:2]
    taps = _windows(row, padded)
    kernels = weights.reshape(trials, outputs, -1, len(taps))
    total: Any = 0.0
    for place, seen in enumerate(taps):
        cells = np.ascontiguousarray(seen).reshape(len(seen), seen.shape[1], -1)
        total = total + _products(np.ascontiguousarray(kernels[:, :, :, place]), cells)
    return np.asarray(total).reshape(trials, outputs, *taps[0].shape[2:])


def _activate(activation: int, slope: float, state: Floats) -> Floats:
    if activation == tables.RELU:
        return np.maximum(state, 0.0)
    if activation == tables.LEAKY_RELU:
        return np.where(state < 0, slope * state, state)
    return np.tanh(state) if activation == tables.TANH else state


def _pool(row: NDArray[np.int64], state: Floats) -> Floats:
    greatest = row[s.KIND] == s.MAX_POOL
    outside = -np.inf if greatest else 0.0
    padded = np.pad(state, _padding(row), mode="constant", constant_values=outside)
    taps = _windows(row, padded)
    if greatest:
        return np.asarray(np.maximum.reduce(taps))
    total = np.add.reduce(taps)
    if row[s.DETAIL]:
        return np.asarray(total / len(taps))
    return np.asarray(total / _inside(row, state))


def _inside(row: NDArray[np.int64], state: Floats) -> Floats:
    """How many cells of each window lie inside the grid."""
    inside = np.pad(np.ones((1, 1, *state.shape[2:4], 1)), _padding(row), mode="constant")
    return np.asarray(np.add.reduce(_windows(row, inside)))


def _onto_grid(row: NDArray[np.int64], flows: Sequence[Floats]) -> Floats:
    """The transpose of :func:`_windows` after padding: flows of taps, added up where they come from."""
    (top, bottom), (left, right) = _padding(row)[2:4]
    rows, columns = int(row[s.ROWS_IN]), int(row[s.COLUMNS_IN])
    trials, channels, *_, count = flows[0].shape
    padded = np.zeros((trials, channels, top + rows + bottom, left + columns + right, count))
    for seen, flow in zip(_windows(row, padded), flows, strict=True):
        seen += flow
    if not row[s.CIRCULAR]:
        return padded[:, :, top : top + rows, left : left + columns]
    for axis, cells, before, after in ((2, rows, top, bottom), (3, columns, left, right)):
        source = np.pad(np.arange(cells), (before, after), mode="wrap")
        onto = np.moveaxis(padded, axis, 0)
        padded = np.moveaxis(np.stack([onto[source == cell].sum(axis=0) for cell in range(cells)]), 0, axis)
    return padded


def _linear_back(row: NDArray[np.int64], weights: Floats, flow: Floats) -> Floats:
    trials, outputs = weights.shape[:2]
    kernels = weights.reshape(trials, outputs, int(row[s.CHANNELS_IN]), -1)
    cells = np.ascontiguousarray(flow).reshape(trials, outputs, -1)
    shape = (trials, kernels.shape[2], *flow.shape[2:])
    turned = np.ascontiguousarray(kernels.transpose(3, 0, 2, 1))
    taps = [_products(tap, cells).reshape(shape) for tap in turned]
    return _onto_grid(row, taps)


def _slope(activation: int, slope: float, state: Floats) -> Floats:
    if activation == tables.RELU:
        return np.where(state < 0, 0.0, 1.0)
    if activation == tables.LEAKY_RELU:
        return np.where(state < 0, slope, 1.0)
    return 1 - np.tanh(state) ** 2 if activation == tables.TANH else np.ones_like(state)


def _pool_back(row: NDArray[np.int64], state: Floats, flow: Floats) -> Floats:
    if row[s.KIND] == s.MAX_POOL:
        largest = _pool(row, state)
        padded = np.pad(state, _padding(row), mode="constant", constant_values=-np.inf)
        return _onto_grid(row, [np.where(seen == largest, flow, 0.0) for seen in _windows(row, padded)])
    taps = int(row[s.KERNEL_ROWS]) * int(row[s.KERNEL_COLUMNS])
    divisor: Any = taps if row[s.DETAIL] else _inside(row, state)
    return _onto_grid(row, [flow / divisor] * taps)
