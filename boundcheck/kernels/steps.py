"""A network as a table of steps, one row of integers each. Importing this does not import Numba.

Hidden states are laid out [channels, rows, columns, input], inputs innermost; without the inputs that is how data are
flattened, so that a dense layer after a grid simply has channels · rows · columns inputs on a 1 × 1 grid. The first
step is linear. Linear steps are numbered from 0: layer i draws its weights [m, n, tap] with word i of the counter.

============================  =============================================================================
column                        meaning
============================  =============================================================================
KIND                          LINEAR, ACTIVATE, MAX_POOL or AVERAGE_POOL
CHANNELS_IN to COLUMNS_OUT    shapes of the hidden states before and after the step
KERNEL_ROWS to PAD_RIGHT      the window that slides over the padded grid
CIRCULAR                      LINEAR: whether padding repeats the grid; else it holds zeros
FREQUENCY_ROWS, …_COLUMNS     LINEAR: the circular grid whose convolution this one is a part of
DISJOINT                      LINEAR: whether windows share no cell: the map is a matrix [m, n·taps] at each of them
EXACT                         LINEAR: whether it has the norm of that matrix, or of the circular convolution
DETAIL                        ACTIVATE: which activation; AVERAGE_POOL: whether to divide by all cells always
============================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

LINEAR, ACTIVATE, MAX_POOL, AVERAGE_POOL = range(4)

COLUMNS = 21
(
    KIND,
    CHANNELS_IN,
    ROWS_IN,
    COLUMNS_IN,
    CHANNELS_OUT,
    ROWS_OUT,
    COLUMNS_OUT,
    KERNEL_ROWS,
    KERNEL_COLUMNS,
    STRIDE_ROWS,
    STRIDE_COLUMNS,
    PAD_TOP,
    PAD_BOTTOM,
    PAD_LEFT,
    PAD_RIGHT,
    CIRCULAR,
    FREQUENCY_ROWS,
    FREQUENCY_COLUMNS,
    DISJOINT,
    EXACT,
    DETAIL,
) = range(COLUMNS)

Pair = tuple[int, int]
_POINT = (1, 1)
_NO_PADDING = ((0, 0), (0, 0))


def _slid(kind: int, channels: Pair, kernel: Pair, stride: Pair, padding: tuple[Pair, Pair], grid: Pair) -> list[int]:
    out = [
        (cells + before + after - size) // step + 1
        for cells, (before, after), size, step in zip(grid, padding, kernel, stride, strict=True)
    ]
    return [kind, channels[0], *grid, channels[1], *out, *kernel, *stride, *padding[0], *padding[1]]


def linear(
    inputs: int,
    outputs: int,
    kernel: Pair = _POINT,
    stride: Pair = _POINT,
    padding: tuple[Pair, Pair] = _NO_PADDING,
    grid: Pair = _POINT,
    frequency_grid: Pair = _POINT,
    circular: bool = False,
    exact: bool = True,
    disjoint: bool = False,
) -> list[int]:
    """The row of a convolution; as it stands, of a dense layer."""
    row = _slid(LINEAR, (inputs, outputs), kernel, stride, padding, grid)
    return [*row, int(circular), *frequency_grid, int(disjoint), int(exact), 0]


def activate(activation: int, channels: int, grid: Pair = _POINT) -> list[int]:
    """The row of an activation, a code of `tables`."""
    return [*_slid(ACTIVATE, (channels, channels), _POINT, _POINT, _NO_PADDING, grid), 0, *_POINT, 0, 1, activation]


def pool(
    kind: int,
    channels: int,
    kernel: Pair,
    stride: Pair,
    padding: tuple[Pair, Pair],
    grid: Pair,
    whole_divisor: bool = True,
) -> list[int]:
    """The row of a MAX_POOL or AVERAGE_POOL; no window may be all padding."""
    row = _slid(kind, (channels, channels), kernel, stride, padding, grid)
    return [*row, 0, *_POINT, 0, 1, int(whole_divisor)]


def fully_connected(widths: Sequence[int], activations: Sequence[int]) -> list[list[int]]:
    """The table of widths[l + 1], input first, with activations[l - 1] between the layers."""
    table: list[list[int]] = []
    for i, (inputs, outputs) in enumerate(pairwise(widths)):
        table.append(linear(int(inputs), int(outputs)))
        if i < len(activations):
            table.append(activate(int(activations[i]), int(outputs)))
    return table
