"""The weights and the pruning mask of one layer in one trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import ByteArray, FloatArray, compiled_exact
from .launch import floats, key_word
from .layer_bodies import LayerSource, LayerWorkspace, take_layer
from .sampling_bodies import STRETCH
from .selection_bodies import DIGITS
from .tables import DOUBLE, NUMBERS, SINGLE


class LayerDraw(NamedTuple):
    """One layer as one trial sees it."""

    weights: FloatArray  # [m, n]
    removed: ByteArray  # [m, n], 1 where pruned
    tau: float


@compiled_exact
def new_layer_workspace(entries: int, like: FloatArray) -> LayerWorkspace:
    """Scratch arrays for layers of up to `entries` weights in the precision of an array."""
    return LayerWorkspace(
        np.empty(max(2 * entries + 4, 4 * STRETCH), np.uint32),
        np.empty(entries, np.uint64),
        np.empty(entries, np.uint64),
        np.empty(DIGITS, np.int64),
        np.empty(entries),
        np.empty(entries + 1, like.dtype),
    )


@compiled_exact
def take_rows(weights: FloatArray, removed: ByteArray, filters: int, source: LayerSource) -> float:
    """weights[T, D] and removed[T, D] of a layer, in all rows of the source; the last tau."""
    workspace = new_layer_workspace(weights.shape[1], weights)
    tau = np.inf
    for i in range(weights.shape[0]):
        tau = take_layer(weights[i], removed[i], filters, source, i, workspace)
    return tau


def layer_draw(
    key: int,
    trial: int,
    layer: int,
    m: int,
    n: int,
    law: int,
    parameters: npt.ArrayLike,
    rule: int,
    removed_count: int,
    *,
    precision: str = DOUBLE,
) -> LayerDraw:
    """The weights[m, n], mask[m, n] and tau that `network_trials` sees in one layer of one trial.

    For a convolution n is the number of weights in a filter, inputs · taps.
    """
    source = LayerSource(
        key_word(key),
        np.uint64(trial),
        layer,
        law,
        floats(parameters),
        rule,
        int(removed_count),
        np.empty((0, 0)),
        np.empty((0, 0), np.uint8),
        0,
        precision == SINGLE,
    )
    weights = np.empty((1, m * n), NUMBERS[precision])
    removed = np.empty((1, m * n), np.uint8)
    tau = take_rows(weights, removed, m, source)
    return LayerDraw(weights.reshape(m, n), removed.reshape(m, n), tau)
