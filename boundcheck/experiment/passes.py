"""The forward pass of a network: as a table of steps for the kernels, and in numbers that tell how errors spread."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcheck.experiment.arrays import Passes
from boundcheck.kernels import steps, tables
from boundcheck.kernels.tables import NUMBERS
from boundcheck.statement.domain import number
from boundcheck.statement.layer import Activation, Layer
from boundcheck.statement.network import Network
from boundcheck.statement.window import SINGLE, Pool

_ACTIVATIONS = {
    "identity": tables.IDENTITY,
    "relu": tables.RELU,
    "leaky_relu": tables.LEAKY_RELU,
    "tanh": tables.TANH,
}
_POOLS = {"max": steps.MAX_POOL, "average": steps.AVERAGE_POOL}


def network_passes(network: Network, precision: str) -> Passes:
    """The numbers of a network without free parameters, computed in double or single precision."""
    numbers = np.finfo(NUMBERS[precision])
    layers = network.layers
    rows, columns = layers[-1].grid
    return Passes(
        lipschitz=np.array([_above(layer.lipschitz) for layer in layers]),
        terms=np.array([int(layer.inputs * layer.taps) for layer in layers], dtype=np.int64),
        outputs=np.array([*map(_outputs, layers), int(layers[-1].outputs) * rows * columns], dtype=np.int64),
        roundings=np.array([sum(map(_roundings, layer.after)) for layer in layers], dtype=np.int64),
        underflows=np.array([_underflows(layer) for layer in layers]),
        roundoff=float(numbers.eps) / 2,
        smallest=float(numbers.smallest_subnormal),
        largest=float(numbers.max),
    )


def _above(value: Any) -> float:
    """A float at or above a number; the number itself if it is one."""
    near = number(value)
    exact = value.is_Rational and Fraction(near) == Fraction(int(value.p), int(value.q))
    return near if exact else math.nextafter(near, math.inf)


def _outputs(layer: Layer) -> int:
    rows, columns = layer.window.output_grid
    return int(layer.outputs) * rows * columns


def _roundings(step: Activation | Pool) -> int:
    """Four for an activation; a sum of k cells has k - 1 and their average one more, counted generously."""
    if isinstance(step, Activation):
        return 4
    return step.window.taps + 4 if step.kind == "average" else 0


def _underflows(layer: Layer) -> float:
    """One a value and step, which later steps pass on with their Lipschitz constants."""
    total = 0.0
    cells = float(_outputs(layer))
    for step in layer.after:
        if isinstance(step, Pool):
            rows, columns = step.window.output_grid
            cells = float(layer.outputs) * rows * columns
        total = total * max(1.0, _above(step.lipschitz)) + cells
    return total


def network_secants(network: Network) -> NDArray[np.float64]:
    """Centre and spread of what is between each layer and the next one, as a plan has them."""
    rows = [(0.0, _above(layer.lipschitz)) for layer in network.layers[:-1]]
    for i, (layer, following) in enumerate(pairwise(network.layers)):
        if layer.window == following.window == SINGLE and layer.slopes is not None:
            least, most = layer.slopes
            rows[i] = _above(abs(most + least) / 2), _above((most - least) / 2)
    return np.array(rows).reshape(-1, 2)


def network_steps(network: Network) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The table of steps and the slopes of leaky ReLU of a network without free parameters."""
    table = []
    slopes = []
    for layer in network.layers:
        window = layer.window
        channels, grid = int(layer.outputs), window.output_grid
        table.append(
            steps.linear(
                int(layer.inputs),
                channels,
                window.kernel,
                window.stride,
                window.padding,
                window.grid,
                window.frequency_grid,
                window.circular,
                window.exact,
                window.disjoint,
            )
        )
        slopes.append(0.0)
        for step in layer.after:
            if isinstance(step, Activation):
                table.append(steps.activate(_ACTIVATIONS[step.name], channels, grid))
                slopes.append(number(step.slope))
                continue
            seen = step.window
            kind = _POOLS[step.kind]
            table.append(steps.pool(kind, channels, seen.kernel, seen.stride, seen.padding, grid, step.whole_divisor))
            slopes.append(0.0)
            grid = seen.output_grid
    return np.array(table, dtype=np.int64), np.array(slopes)
