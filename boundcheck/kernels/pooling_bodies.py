"""Max and average pooling of every channel of a hidden state [channels, rows, columns, B]."""

from __future__ import annotations

import numpy as np

from .jit import FloatArray, IntArray, body
from .steps import (
    AVERAGE_POOL,
    CHANNELS_IN,
    COLUMNS_IN,
    COLUMNS_OUT,
    DETAIL,
    KERNEL_COLUMNS,
    KERNEL_ROWS,
    KIND,
    PAD_LEFT,
    PAD_TOP,
    ROWS_IN,
    ROWS_OUT,
    STRIDE_COLUMNS,
    STRIDE_ROWS,
)
from .team import rank, ranks, squad, squads, sync


@body
def average_cells(
    out: FloatArray, rows: FloatArray, width: int, top: int, bottom: int, left: int, right: int, cells: int
) -> None:
    """out[B] = the sum of rows[top:bottom, left:right, B], row by row, divided by `cells`; does not sync."""
    for b in range(rank(), out.shape[0], ranks()):
        out[b] = 0.0
    for y in range(top, bottom):
        for x in range(left, right):
            start = (y * width + x) * out.shape[0]
            cell = rows[start : start + out.shape[0]]
            for b in range(rank(), out.shape[0], ranks()):
                out[b] += cell[b]
    for b in range(rank(), out.shape[0], ranks()):
        out[b] /= cells


@body
def largest_cells(out: FloatArray, rows: FloatArray, width: int, top: int, bottom: int, left: int, right: int) -> None:
    """out[B] = the largest of rows[top:bottom, left:right, B]; not a number if one of them is none; does not sync."""
    for b in range(rank(), out.shape[0], ranks()):
        out[b] = -np.inf
    for y in range(top, bottom):
        for x in range(left, right):
            start = (y * width + x) * out.shape[0]
            cell = rows[start : start + out.shape[0]]
            for b in range(rank(), out.shape[0], ranks()):
                keep = cell[b] <= out[b] or out[b] != out[b]
                out[b] = out[b] if keep else cell[b]


@body
def pool(out: FloatArray, hidden: FloatArray, step: IntArray, count: int) -> None:
    """Pool flat hidden[n, H, W, B] into flat out[n, rows, columns, B]; windows end at the border of the grid."""
    n, height, width = step[CHANNELS_IN], step[ROWS_IN], step[COLUMNS_IN]
    rows, columns = step[ROWS_OUT], step[COLUMNS_OUT]
    for k in range(squad(), n, squads()):
        channel = hidden[k * height * width * count : (k + 1) * height * width * count]
        for y in range(rows):
            first_row = y * step[STRIDE_ROWS] - step[PAD_TOP]
            top = max(first_row, 0)
            bottom = min(first_row + step[KERNEL_ROWS], height)
            for x in range(columns):
                first_column = x * step[STRIDE_COLUMNS] - step[PAD_LEFT]
                left = max(first_column, 0)
                right = min(first_column + step[KERNEL_COLUMNS], width)
                o = ((k * rows + y) * columns + x) * count
                result = out[o : o + count]
                if step[KIND] == AVERAGE_POOL:
                    cells = step[KERNEL_ROWS] * step[KERNEL_COLUMNS]
                    if step[DETAIL] == 0:
                        cells = (bottom - top) * (right - left)
                    average_cells(result, channel, width, top, bottom, left, right, cells)
                else:
                    largest_cells(result, channel, width, top, bottom, left, right)
    sync()
