"""The weights and the pruning mask of one layer in one trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import ByteArray, FloatArray, IntArray, KeyArray, WordArray, compiled_exact
from .launch import floats, key_word
from .philox_bodies import fill_words
from .sampling_bodies import fill_law
from .selection_bodies import (
    DIGITS,
    filter_keys,
    magnitude_keys,
    magnitude_of_rank,
    random_keys,
    remove_smallest,
    spread_over_filters,
)
from .tables import FILTERS, MAGNITUDE, MASK, RANDOM, RANDOM_FILTERS, WEIGHTS


class LayerDraw(NamedTuple):
    """One layer as one trial sees it."""

    weights: FloatArray  # [m, n]
    removed: ByteArray  # [m, n], 1 where pruned
    tau: float


class LayerWorkspace(NamedTuple):
    """Scratch arrays for layers of up to D weights."""

    words: WordArray  # [2·D + 4]
    keys: KeyArray  # [D]
    candidates: KeyArray  # [D]
    counts: IntArray  # [DIGITS]
    squares: FloatArray  # [D]


class LayerSource(NamedTuple):
    """Where the weights and masks of one layer come from: from rows that are given, if there are any, or from draws."""

    key: np.uint64
    first_trial: np.uint64
    layer: int
    law: int
    parameters: FloatArray  # [3]
    rule: int
    amount: int
    given_weights: FloatArray  # [T, D of all layers], or [0, 0]
    given_removed: ByteArray  # [T, D of all layers]
    offset: int  # where this layer begins in a row


@compiled_exact
def new_layer_workspace(entries: int) -> LayerWorkspace:
    """Scratch arrays for layers of up to `entries` weights."""
    return LayerWorkspace(
        np.empty(2 * entries + 4, np.uint32),
        np.empty(entries, np.uint64),
        np.empty(entries, np.uint64),
        np.empty(DIGITS, np.int64),
        np.empty(entries),
    )


@compiled_exact
def take_layer(
    weights: FloatArray, removed: ByteArray, filters: int, source: LayerSource, i: int, workspace: LayerWorkspace
) -> float:
    """Take weights[D] and removed[D] of row i of the trials; return tau, infinite where whole filters are drawn."""
    count = weights.shape[0]
    words, keys, candidates, counts, squares = workspace
    if source.given_weights.shape[0] > 0:
        amount = 0
        for e in range(count):
            weights[e] = source.given_weights[i, source.offset + e]
            removed[e] = source.given_removed[i, source.offset + e]
            if removed[e] != 0:
                amount += 1
        return magnitude_of_rank(weights, count, amount, keys, candidates, counts)
    trial = source.first_trial + np.uint64(i)
    parameters, rule, amount = source.parameters, source.rule, source.amount
    fill_words(words, count, source.key, source.layer, WEIGHTS, trial)
    fill_law(weights, words, count, source.law, parameters[0], parameters[1], parameters[2])
    if rule in (FILTERS, RANDOM_FILTERS):
        size = count // filters
        if rule == FILTERS:
            filter_keys(keys, squares, weights, filters, size)
        else:
            fill_words(words, 2 * filters, source.key, source.layer, MASK, trial)
            random_keys(keys, words, filters)
        remove_smallest(removed, keys, filters, amount // size, candidates, counts)
        spread_over_filters(removed, filters, size)
        return np.inf
    if rule == MAGNITUDE:
        magnitude_keys(keys, weights, count)
        remove_smallest(removed, keys, count, amount, candidates, counts)
    elif rule == RANDOM:
        fill_words(words, 2 * count, source.key, source.layer, MASK, trial)
        random_keys(keys, words, count)
        remove_smallest(removed, keys, count, amount, candidates, counts)
    else:
        amount = 0
        removed[:] = 0
    return magnitude_of_rank(weights, count, amount, keys, candidates, counts)


@compiled_exact
def _take_one(weights: FloatArray, removed: ByteArray, filters: int, source: LayerSource) -> float:
    return take_layer(weights, removed, filters, source, 0, new_layer_workspace(weights.shape[0]))


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
    )
    weights = np.empty(m * n)
    removed = np.empty(m * n, np.uint8)
    tau = _take_one(weights, removed, m, source)
    return LayerDraw(weights.reshape(m, n), removed.reshape(m, n), tau)
