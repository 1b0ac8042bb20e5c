"""Certified norms of the layers of random networks: a kernel for each kind of layer, compiled when it is needed.

A layer's weights are drawn once more for its norms: that costs little next to them, and what is compiled stays small.
"""

from __future__ import annotations

import numpy as np

from .convolution_cpu import new_convolution_workspace, new_operator_workspace
from .convolution_norm_bodies import convolution_bounds
from .cpu import new_spectral_workspace
from .jit import FloatArray, IntArray, compiled
from .launch import in_chunks
from .layer_bodies import LayerSource, take_layer
from .layer_cpu import new_layer_workspace
from .network_bodies import is_matrix
from .norm_bodies import bounds_of_parts, rounded_down, rounded_up
from .operator_bodies import operator_low
from .steps import (
    CHANNELS_IN,
    CHANNELS_OUT,
    CIRCULAR,
    COLUMNS_IN,
    EXACT,
    FREQUENCY_COLUMNS,
    FREQUENCY_ROWS,
    KERNEL_COLUMNS,
    KERNEL_ROWS,
    PAD_BOTTOM,
    PAD_LEFT,
    PAD_RIGHT,
    PAD_TOP,
    ROWS_IN,
    STRIDE_COLUMNS,
    STRIDE_ROWS,
)
from .tables import KEPT, REMOVED, TARGET

HARDLY_ANY = 2.0**-10
"""‖R‖ as a part of ‖W‖ below which ‖W - R‖ is bounded by ‖W‖ + ‖R‖."""


@compiled
def _matrix_chunk(
    start: int,
    stop: int,
    source: LayerSource,
    m: int,
    n: int,
    low: FloatArray,
    high: FloatArray,
    absolute: FloatArray,
) -> None:
    """low[T, 3], high[T, 3] and absolute[T] of a layer that is one matrix at every window."""
    workspace = new_spectral_workspace(m, n)
    flat = np.empty(m * n)
    layer_workspace = new_layer_workspace(m * n, flat)
    flat_removed = np.empty(m * n, np.uint8)
    for i in range(start, stop):
        take_layer(flat, flat_removed, m, source, i, layer_workspace)
        absolute[i] = bounds_of_parts(low[i], high[i], flat, flat_removed, m, n, workspace)


@compiled
def _convolution_chunk(
    start: int,
    stop: int,
    source: LayerSource,
    shapes: IntArray,
    low: FloatArray,
    high: FloatArray,
    absolute: FloatArray,
) -> None:
    """low[T, 3], high[T, 3] and absolute[T] of a circular convolution; shapes[1, 6] as for its workspace.

    Where hardly anything is removed, the kept part is bounded by the triangle inequality.
    """
    m, n, rows, columns, height, width = shapes[0]
    size = m * n * rows * columns
    workspace = new_convolution_workspace(shapes)
    flat = np.empty(size)
    layer_workspace = new_layer_workspace(size, flat)
    flat_removed = np.empty(size, np.uint8)
    weights = flat.reshape(m, n, rows * columns)
    removed = flat_removed.reshape(m, n, rows * columns)
    for i in range(start, stop):
        take_layer(flat, flat_removed, m, source, i, layer_workspace)
        low[i, REMOVED] = 0.0
        high[i, REMOVED] = 0.0
        pruned = flat_removed.any()
        for part in (TARGET, REMOVED, KEPT):
            if part == KEPT and high[i, REMOVED] <= HARDLY_ANY * high[i, TARGET]:
                rho = high[i, REMOVED]
                low[i, KEPT] = low[i, TARGET] if rho == 0.0 else rounded_down(low[i, TARGET] - rho)
                high[i, KEPT] = high[i, TARGET] if rho == 0.0 else rounded_up(high[i, TARGET] + rho)
            elif part == TARGET or pruned:
                low[i, part], high[i, part], whole = convolution_bounds(
                    weights, removed, part, rows, columns, height, width, workspace
                )
                if part == TARGET:
                    absolute[i] = whole


@compiled
def _operator_chunk(
    start: int, stop: int, source: LayerSource, shapes: IntArray, step: IntArray, low: FloatArray
) -> None:
    """low[T, REMOVED] of a convolution, whatever the padding and stride; shapes[1, 8] as for its workspace."""
    m, n, rows, columns, height, width, _, _ = shapes[0]
    size = m * n * rows * columns
    workspace = new_operator_workspace(shapes)
    flat = np.empty(size)
    layer_workspace = new_layer_workspace(size, flat)
    flat_removed = np.empty(size, np.uint8)
    for i in range(start, stop):
        take_layer(flat, flat_removed, m, source, i, layer_workspace)
        low[i, REMOVED] = operator_low(
            flat.reshape(m, n, rows * columns),
            flat_removed.reshape(m, n, rows * columns),
            REMOVED,
            rows,
            columns,
            height,
            width,
            step[STRIDE_ROWS],
            step[STRIDE_COLUMNS],
            step[PAD_TOP],
            step[PAD_BOTTOM],
            step[PAD_LEFT],
            step[PAD_RIGHT],
            step[CIRCULAR] != 0,
            workspace,
        )


def layer_bounds(
    trials: int, source: LayerSource, step: IntArray, alone: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """As `network_trials.NetworkKernels.bounds`."""
    low, high, absolute = np.empty((trials, 3)), np.empty((trials, 3)), np.empty(trials)
    m, n, rows, columns = (int(step[i]) for i in (CHANNELS_OUT, CHANNELS_IN, KERNEL_ROWS, KERNEL_COLUMNS))
    if is_matrix(step):
        in_chunks(_matrix_chunk, trials, source, m, n * rows * columns, low, high, absolute)
    else:
        shapes = np.array([[m, n, rows, columns, step[FREQUENCY_ROWS], step[FREQUENCY_COLUMNS]]])
        in_chunks(_convolution_chunk, trials, source, shapes, low, high, absolute)
    if not step[EXACT]:
        low[:] = 0.0
    if alone and not step[EXACT]:
        height, width = step[ROWS_IN], step[COLUMNS_IN]
        padded = (step[PAD_TOP] + height + step[PAD_BOTTOM], step[PAD_LEFT] + width + step[PAD_RIGHT])
        shapes = np.array([[m, n, rows, columns, height, width, *padded]])
        in_chunks(_operator_chunk, trials, source, shapes, step, low)
    return low, high, absolute
