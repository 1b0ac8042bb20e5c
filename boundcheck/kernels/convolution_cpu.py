"""Certified norms of many convolutions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .convolution_norm_bodies import ConvolutionWorkspace, convolution_bounds
from .hermitian_bodies import lanes_length
from .jit import ByteArray, FloatArray, IntArray, compiled, compiled_exact
from .lanczos_bodies import LANCZOS_STEPS
from .lane_bodies import LANES
from .launch import floats, in_chunks, integers
from .operator_bodies import OPERATOR_STEPS, OperatorWorkspace, operator_low
from .tables import TARGET


@compiled_exact
def new_convolution_workspace(layers: IntArray) -> ConvolutionWorkspace:
    """Scratch arrays for the worst of layers[l, 6]: outputs, inputs, rows and columns of the window, height, width."""
    m = n = p = entries = lags = planes = sums = grid = 1
    for layer in range(layers.shape[0]):
        outputs, inputs, rows, columns, height, width = layers[layer]
        side = min(outputs, inputs)
        packed = side * (side + 1) // 2
        m = max(m, outputs)
        n = max(n, inputs)
        p = max(p, side)
        entries = max(entries, outputs * inputs * rows * columns)
        lags = max(lags, side * side * rows * (2 * columns - 1))
        planes = max(planes, 4 * rows * columns * packed)
        sums = max(sums, 4 * columns * packed)
        grid = max(grid, height + width)
    steps = min(2 * p + 8, LANCZOS_STEPS)
    return ConvolutionWorkspace(
        np.empty(m, np.int64),
        np.empty(n, np.int64),
        np.empty(entries),
        np.empty(lags),
        np.empty(planes),
        np.empty(sums),
        np.empty(LANES * p * (p + 1)),
        np.empty(lanes_length(p)),
        np.empty(4 * LANES),
        np.empty(LANES, np.int64),
        np.empty(4 * p * p),
        np.empty(2 * grid),
        np.empty(2 * p),
        np.empty(2 * p),
        np.empty((steps + 1) * 2 * p),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
    )


@compiled_exact
def new_operator_workspace(layers: IntArray) -> OperatorWorkspace:
    """Scratch arrays for the worst of layers[l, 8].

    Outputs, inputs, rows and columns of the window, height and width of the input, and of the padded input.
    """
    m = n = entries = padded = image = size = 1
    for layer in range(layers.shape[0]):
        outputs, inputs, rows, columns, height, width, padded_height, padded_width = layers[layer]
        m = max(m, outputs)
        n = max(n, inputs)
        entries = max(entries, outputs * inputs * rows * columns)
        padded = max(padded, inputs * padded_height * padded_width)
        image = max(image, outputs * padded_height * padded_width)
        size = max(size, inputs * height * width)
    return OperatorWorkspace(
        np.empty(m, np.int64),
        np.empty(n, np.int64),
        np.empty(entries),
        np.empty(n),
        np.empty(padded),
        np.empty(image),
        np.empty(size),
        np.empty((OPERATOR_STEPS + 1) * size),
        np.empty(OPERATOR_STEPS),
        np.empty(OPERATOR_STEPS),
        np.empty(OPERATOR_STEPS),
        np.empty(OPERATOR_STEPS),
    )


@compiled
def _norm_chunk(
    start: int,
    stop: int,
    kernels: FloatArray,
    removed: ByteArray,
    part: int,
    layers: IntArray,
    low: FloatArray,
    high: FloatArray,
    absolute: FloatArray,
) -> None:
    workspace = new_convolution_workspace(layers)
    _, _, rows, columns, height, width = layers[0]
    for i in range(start, stop):
        low[i], high[i], absolute[i] = convolution_bounds(
            kernels[i], removed[i], part, rows, columns, height, width, workspace
        )


@compiled
def _operator_chunk(
    start: int,
    stop: int,
    kernels: FloatArray,
    removed: ByteArray,
    part: int,
    layers: IntArray,
    geometry: IntArray,
    circular: bool,
    low: FloatArray,
) -> None:
    workspace = new_operator_workspace(layers)
    _, _, rows, columns, height, width, _, _ = layers[0]
    row_stride, column_stride, top, bottom, left, right = geometry
    for i in range(start, stop):
        low[i] = operator_low(
            kernels[i],
            removed[i],
            part,
            rows,
            columns,
            height,
            width,
            row_stride,
            column_stride,
            top,
            bottom,
            left,
            right,
            circular,
            workspace,
        )


def _with_taps_last(kernels: npt.ArrayLike, removed: npt.ArrayLike | None) -> tuple[FloatArray, ByteArray]:
    """kernels[T, m, n, p · q] and the mask, by default empty."""
    given = floats(kernels)
    trials, m, n, rows, columns = given.shape
    shape = (trials, m, n, rows * columns)
    mask = np.zeros(shape, np.uint8) if removed is None else np.array(removed, np.uint8).reshape(shape)
    return given.reshape(shape), mask


def convolution_bounds_of_parts(
    kernels: npt.ArrayLike, removed: npt.ArrayLike | None, part: int, height: int, width: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`convolution_norms` of the `part` that removed[T, m, n, p, q] selects, and bounds [T] of ‖Σ_t |K_t|‖_F."""
    trials, m, n, rows, columns = np.shape(kernels)
    given, mask = _with_taps_last(kernels, removed)
    low, high, absolute = np.empty(trials), np.empty(trials), np.empty(trials)
    layers = integers([[m, n, rows, columns, height, width]])
    in_chunks(_norm_chunk, trials, given, mask, part, layers, low, high, absolute)
    return low, high, absolute


def convolution_norms(kernels: npt.ArrayLike, height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """Certified lower and upper bounds [T] of the norms of convolutions on a periodic grid of height × width.

    kernels[T, m, n, p, q]: outputs, inputs, taps; see `convolution_norm_bodies` for the proof.
    """
    low, high, _ = convolution_bounds_of_parts(kernels, None, TARGET, height, width)
    return low, high


def operator_norms(
    kernels: npt.ArrayLike,
    height: int,
    width: int,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int, int, int] = (0, 0, 0, 0),
    circular: bool = False,
    removed: npt.ArrayLike | None = None,
    part: int = TARGET,
) -> FloatArray:
    """Certified lower bounds [T] of the norms of convolutions on inputs of height × width; see `operator_bodies`.

    Parameters
    ----------
    kernels
        [T, m, n, p, q]: outputs, inputs, taps.
    height, width
        Of the input, not padded.
    stride
        Of rows and of columns.
    padding
        Top, bottom, left, right, in all at least enough to hold the window.
    circular
        Whether padding repeats the input periodically; else it is zero.
    removed, part
        A mask [T, m, n, p, q], by default empty, and which part of the kernels is meant.
    """
    trials, m, n, rows, columns = np.shape(kernels)
    given, mask = _with_taps_last(kernels, removed)
    top, bottom, left, right = padding
    low = np.empty(trials)
    layers = integers([[m, n, rows, columns, height, width, height + top + bottom, width + left + right]])
    geometry = integers([*stride, *padding])
    in_chunks(_operator_chunk, trials, given, mask, part, layers, geometry, circular, low)
    return low
