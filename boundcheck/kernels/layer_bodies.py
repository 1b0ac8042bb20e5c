"""The weights and the pruning mask of one layer in one trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import ByteArray, FloatArray, IntArray, KeyArray, WordArray, body, compiled_exact
from .philox_bodies import fill_words
from .sampling_bodies import fill_drawn
from .selection_bodies import (
    filter_keys,
    magnitude_of_rank,
    random_keys,
    remove_smallest,
    remove_smallest_magnitudes,
    spread_over_filters,
)
from .tables import BERNOULLI, FILTERS, MAGNITUDE, MASK, RANDOM, RANDOM_FILTERS, WEIGHTS
from .team import device_body, lane, lanes, sync, team_sum


class LayerWorkspace(NamedTuple):
    """Scratch arrays for layers of up to D weights."""

    words: WordArray  # [2·D + 4], at least 4·STRETCH
    keys: KeyArray  # [D]
    candidates: KeyArray  # [D], [0] on CUDA
    counts: IntArray  # [DIGITS], [0] on CUDA
    squares: FloatArray  # [D]
    magnitudes: FloatArray  # [D + 1], in the precision of the weights; on CUDA their bits


@body
def layer_workspace_of(all_teams: LayerWorkspace, team: int) -> LayerWorkspace:
    """The scratch arrays of one team, out of arrays with one row a team."""
    return LayerWorkspace(
        all_teams.words[team],
        all_teams.keys[team],
        all_teams.candidates[team],
        all_teams.counts[team],
        all_teams.squares[team],
        all_teams.magnitudes[team],
    )


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
    single: bool  # whether weights are rounded to single precision


@body
def taken_layer(
    weights: FloatArray, removed: ByteArray, filters: int, source: LayerSource, i: int, workspace: LayerWorkspace
) -> float:
    """As `take_layer`."""
    count = weights.shape[0]
    words, keys, candidates, counts, squares, magnitudes = workspace
    if source.given_weights.shape[0] > 0:
        part = 0
        for e in range(lane(), count, lanes()):
            weights[e] = source.given_weights[i, source.offset + e]
            removed[e] = source.given_removed[i, source.offset + e]
            part += 1 if removed[e] != 0 else 0
        amount = int(team_sum(part))
        _round(weights, source.single)
        return np.float64(magnitude_of_rank(weights, count, amount, magnitudes)[0])
    trial = source.first_trial + np.uint64(i)
    parameters, rule, amount = source.parameters, source.rule, source.amount
    fill_drawn(
        weights,
        words,
        count,
        source.key,
        source.layer,
        WEIGHTS,
        trial,
        source.law,
        parameters[0],
        parameters[1],
        parameters[2],
    )
    _round(weights, source.single)
    if rule == MAGNITUDE:
        return np.float64(remove_smallest_magnitudes(removed, weights, count, amount, magnitudes))
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
    if rule == RANDOM:
        fill_words(words, 2 * count, source.key, source.layer, MASK, trial)
        random_keys(keys, words, count)
        remove_smallest(removed, keys, count, amount, candidates, counts)
    elif rule == BERNOULLI:
        fill_words(words, count, source.key, source.layer, MASK, trial)
        part = 0
        for e in range(lane(), count, lanes()):
            goes = np.int64(words[e]) < amount
            removed[e] = np.uint8(goes)
            part += 1 if goes else 0
        amount = int(team_sum(part))
    else:
        amount = 0
        for e in range(lane(), count, lanes()):
            removed[e] = 0
        sync()
    return np.float64(magnitude_of_rank(weights, count, amount, magnitudes)[0])


@body
def _round(weights: FloatArray, single: bool) -> None:
    """Round to single precision what is stored in double; single precision is left as it is."""
    if single:
        for e in range(lane(), weights.shape[0], lanes()):
            weights[e] = np.float32(weights[e])
        sync()


_taken_exactly = compiled_exact(taken_layer)


@device_body
def take_layer(
    weights: FloatArray, removed: ByteArray, filters: int, source: LayerSource, i: int, workspace: LayerWorkspace
) -> float:
    """Take weights[D] and removed[D] of row i of the trials; return tau, infinite where whole filters are drawn.

    On the CPU it is compiled by itself, every operation rounded as written, whatever its caller is compiled with.
    """
    return _taken_exactly(weights, removed, filters, source, i, workspace)
