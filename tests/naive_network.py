"""Plain-Python oracle for networks of convolutions, dense layers, activations and pooling: loops over definitions.

Hidden states are dictionaries {(channel, row, column): number}. The numbers may be floats, fractions or mpmath's.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import naive


class Linear(NamedTuple):
    """weights[m][n][p][q] on a grid, and bias[m]; a dense layer has one tap on one cell, and flattens what comes in."""

    weights: Any
    stride: tuple[int, int] = (1, 1)
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    circular: bool = False
    flattens: bool = False
    bias: Any = None


class Activation(NamedTuple):
    code: int
    slope: float = 0.0


class Pool(NamedTuple):
    kind: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    whole_divisor: bool = True


def shape(state):
    return tuple(1 + max(place[axis] for place in state) for axis in range(3))


def flattened(state):
    return [state[place] for place in sorted(state)]


def arranged(values, channels, height, width):
    return {
        (k, y, x): values[(k * height + y) * width + x]
        for k in range(channels)
        for y in range(height)
        for x in range(width)
    }


def windows(state, kernel, stride, padding):
    """(row, column) of each output, and the (row, column) of the grid that each tap sees."""
    _, height, width = shape(state)
    (top, bottom), (left, right) = padding
    for y in range((height + top + bottom - kernel[0]) // stride[0] + 1):
        for x in range((width + left + right - kernel[1]) // stride[1] + 1):
            cells = {
                (a, b): (y * stride[0] + a - top, x * stride[1] + b - left)
                for a in range(kernel[0])
                for b in range(kernel[1])
            }
            yield (y, x), cells


def linear(state, step, total=math.fsum):
    if step.flattens:
        values = flattened(state)
        state = arranged(values, len(values), 1, 1)
    channels, height, width = shape(state)
    kernel = (len(step.weights[0][0]), len(step.weights[0][0][0]))
    out = {}
    for (y, x), cells in windows(state, kernel, step.stride, step.padding):
        for i, filters in enumerate(step.weights):
            terms = []
            for k in range(channels):
                for (a, b), (row, column) in cells.items():
                    if step.circular:
                        row, column = row % height, column % width
                    if (k, row, column) in state:  # zero outside
                        terms.append(filters[k][a][b] * state[k, row, column])
            out[i, y, x] = total(terms if step.bias is None else [*terms, step.bias[i]])
    return out


def pool(state, step, total=math.fsum):
    out = {}
    for (y, x), cells in windows(state, step.kernel, step.stride, step.padding):
        for k in range(shape(state)[0]):
            inside = [state[k, *cell] for cell in cells.values() if (k, *cell) in state]
            if step.kind == "max":
                out[k, y, x] = max(inside)
            else:
                out[k, y, x] = total(inside) / (len(cells) if step.whole_divisor else len(inside))
    return out


def forward(steps, state, total=math.fsum, activate=naive.activate):
    """The hidden state after all steps."""
    for step in steps:
        if isinstance(step, Linear):
            state = linear(state, step, total)
        elif isinstance(step, Pool):
            state = pool(state, step, total)
        else:
            state = {place: activate(value, step.code, step.slope) for place, value in state.items()}
    return state


def pruned(steps, masks):
    """The steps with the weights of the k-th linear one, flattened, zeroed where masks[k] is not 0."""
    masks = iter(masks)
    return [_pruned(step, next(masks)) if isinstance(step, Linear) else step for step in steps]


def _pruned(step, mask):
    flags = iter(mask)
    weights = [[[[0.0 if next(flags) else w for w in row] for row in tap] for tap in filt] for filt in step.weights]
    return step._replace(weights=weights)


def gap(target, kept, grid, inputs):
    """Largest distance of the outputs of two networks, and the first input with it; grid is [C, H, W]."""
    distances = []
    for x in inputs:
        state = arranged([float(v) for v in x], *grid)
        distances.append(math.dist(flattened(forward(kept, state)), flattened(forward(target, state))))
    worst = max(distances)
    return worst, distances.index(worst)


def filter_mask(weights, filters, amount):
    """Mask of flat weights: ones at the `amount` of so many filters with the smallest Σ w², ties by index."""
    size = len(weights) // filters
    squares = [sum(w * w for w in weights[i * size : (i + 1) * size]) for i in range(filters)]
    chosen = naive.remove_smallest(squares, amount)
    return [flag for flag in chosen for _ in range(size)]


def random_filter_mask(filters, size, amount, key, layer, trial):
    """Mask of flat weights: a random set of filters."""
    bits = naive.words(2 * filters, key, layer, naive.MASK, trial)
    chosen = naive.remove_smallest([bits[i] * 2**32 + bits[filters + i] for i in range(filters)], amount)
    return [flag for flag in chosen for _ in range(size)]
