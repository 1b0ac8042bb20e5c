"""Small networks of every kind, drawn and given, that are run on every device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from boundcheck.kernels import steps, tables

RNG = np.random.default_rng(4)
LAWS = [
    (tables.UNIFORM, (-0.5, 2.0, 0.0)),
    (tables.NORMAL, (0.5, 2.0, 0.0)),
    (tables.TWO_POINT, (-1.0, 1.0, 0.3)),
    (tables.EXPONENTIAL, (2.0, 0.0, 0.0)),
    (tables.TRUNCATED, (1.0, 2.0, 0.47724986805182085)),
]
DENSE = steps.fully_connected([3, 9, 4, 2], [tables.LEAKY_RELU, tables.TANH])
CONVOLUTIONAL = [
    steps.linear(2, 3, (3, 2), (1, 2), ((1, 1), (0, 1)), (4, 4), (4, 4), circular=True, exact=False),
    steps.activate(tables.RELU, 3, (4, 2)),
    steps.pool(steps.AVERAGE_POOL, 3, (2, 2), (2, 1), ((0, 0), (1, 0)), (4, 2), False),
    steps.linear(12, 2),
]
ALONE = [steps.linear(2, 3, (2, 2), (1, 1), ((0, 1), (0, 1)), (3, 3), (4, 4), exact=False)]
POINTS = RNG.standard_normal((3, 3))
IMAGES = RNG.standard_normal((2, 32))


def _trials(table: Any, inputs: Any, laws: list[int], rules: list[int], amounts: list[int], **options: Any) -> Any:
    """Two trials of a network, drawn."""
    parameters = [LAWS[law][1] for law in laws]
    return lambda load: load("network").network_trials(
        2**40 + 1, 5, 2, table, [0.1] * len(table), laws, parameters, rules, amounts, inputs, **options
    )


def _given(table: Any, inputs: Any, shapes: list[tuple[int, ...]], **options: Any) -> Any:
    """A trial of given weights and masks."""
    weights = [RNG.standard_normal((1, *shape)) for shape in shapes]
    masks = [RNG.integers(0, 2, w.shape) for w in weights]
    return lambda load: load("network").network_given(weights, masks, table, [0.1] * len(table), inputs, **options)


_U, _N, _T, _E, _C = range(5)
_BIASES = [(0.5, 2.0, 0.25), (-1.0, 1.0, 0.5), (-0.5, 0.5, 0.0)]
NETWORKS: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "network of all laws": _trials(DENSE, POINTS, [_U, _N, _E], [tables.MAGNITUDE] * 3, [5, 20, 3]),
    "network of truncated weights": _trials(DENSE, POINTS, [_C] * 3, [tables.MAGNITUDE] * 3, [5, 20, 3]),
    "network of ties": _trials(DENSE, POINTS, [_T] * 3, [tables.MAGNITUDE, tables.KEEP_ALL, tables.RANDOM], [7, 0, 5]),
    "network of whole filters": _trials(
        DENSE, POINTS, [_U] * 3, [tables.FILTERS, tables.RANDOM_FILTERS, 3], [9, 18, 8]
    ),
    "network of independent masks": _trials(DENSE, POINTS, [_U] * 3, [tables.BERNOULLI] * 3, [2**30, 2**31, 2**32 - 1]),
    "network with biases": _trials(
        DENSE, POINTS, [_U] * 3, [1, 2, 1], [5, 20, 3], bias_laws=[_N, -1, _U], bias_parameters=_BIASES
    ),
    "network with biases in single precision": _trials(
        DENSE, POINTS, [_U] * 3, [1, 2, 1], [5, 20, 3], precision="single", bias_laws=[_U] * 3, bias_parameters=_BIASES
    ),
    "convolutional network with biases": _trials(
        CONVOLUTIONAL, IMAGES, [_N, _U], [1, 2], [11, 3], bias_laws=[_E, _T], bias_parameters=_BIASES[:2]
    ),
    "network of all or nothing": _trials(DENSE, POINTS, [_U] * 3, [tables.MAGNITUDE, tables.RANDOM, 1], [27, 0, 0]),
    "network in single precision": _trials(DENSE, POINTS, [_U] * 3, [1, 2, 1], [5, 20, 3], precision="single"),
    "network of estimates": _trials(DENSE, POINTS, [_N, _U, _T], [1, 2, 1], [5, 20, 3], norms="estimated"),
    "network of single estimates": _trials(
        DENSE, POINTS, [_U] * 3, [1, 2, 1], [5, 20, 3], precision="single", norms="estimated"
    ),
    "network, given": _given(DENSE, POINTS, [(9, 3), (4, 9), (2, 4)]),
    "convolutional network": _trials(CONVOLUTIONAL, IMAGES, [_N, _U], [tables.MAGNITUDE, tables.RANDOM], [11, 3]),
    "convolutional network, single": _trials(CONVOLUTIONAL, IMAGES, [_N, _U], [3, 1], [12, 3], precision="single"),
    "convolutional network of estimates": _trials(
        CONVOLUTIONAL, IMAGES, [_U, _U], [tables.MAGNITUDE, tables.RANDOM], [11, 3], norms="estimated"
    ),
    "convolutional network, given": _given(CONVOLUTIONAL, IMAGES, [(3, 2, 3, 2), (2, 12, 1, 1)]),
    "convolution alone": _trials(ALONE, RNG.standard_normal((2, 18)), [_U], [tables.RANDOM], [9]),
}
"""Trials of networks, called with `load_kernels` of a device."""

_WIDE = steps.fully_connected([40, 300, 260], [tables.RELU])
_WIDE_POINTS = RNG.standard_normal((70, 40))
_WIDE_ONES = (_WIDE, _WIDE_POINTS, [_U] * 2, [tables.MAGNITUDE, tables.RANDOM], [3000, 800])
LARGE: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "wide network": _trials(*_WIDE_ONES),
    "wide network of single estimates": _trials(*_WIDE_ONES, precision="single", norms="estimated"),
}
"""For teams of many squads: too much for a simulator."""
