"""One trial of a network: its layers are drawn and pruned, and it runs beside its pruned twin, step by step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .estimate_bodies import EstimateWorkspace, by_rows, estimate_workspace_of, spectral_estimate
from .jit import ByteArray, FloatArray, IndexArray, IntArray, body
from .layer_bodies import LayerSource, LayerWorkspace, layer_workspace_of, take_layer
from .network_bodies import (
    activate,
    add_biases,
    cells_after,
    cells_before,
    correlate,
    is_matrix,
    pad,
    padded_size,
    stands_as_padded,
    take_out,
    tap_offsets,
    term_count,
    worst_gap,
)
from .pooling_bodies import pool
from .steps import ACTIVATE, CHANNELS_OUT, DETAIL, KIND, LINEAR
from .team import lane, lanes, sync


class NetworkSource(NamedTuple):
    """Where weights and masks of l layers come from: from rows that are given, if there are any, or from draws."""

    key: np.uint64
    first_trial: np.uint64
    laws: IntArray  # [l]
    law_parameters: FloatArray  # [l, 3]
    rules: IntArray  # [l]
    removed_counts: IntArray  # [l]
    given_weights: FloatArray  # [T, D of all layers], or [0, 0]
    given_removed: ByteArray  # [T, D of all layers]
    single: bool  # whether weights are rounded to single precision


class Network(NamedTuple):
    """A network and the inputs that it takes."""

    steps: IntArray  # [s, COLUMNS]
    slopes: FloatArray  # [s]
    inputs: FloatArray  # [dimension · B], inputs innermost, in the precision of the passes
    points: int  # B
    biases: FloatArray  # [T, outputs of all layers] in the precision of the passes, or [T, 0] where there are none


class Measured(NamedTuple):
    """What T trials of l layers show."""

    gap: FloatArray  # [T]
    worst_input: IntArray  # [T]
    tau: FloatArray  # [T, l]
    estimates: FloatArray  # [T, l, 2] of the norms of target and removed part, or [0, l, 2] where none are wanted


class NetworkWorkspace(NamedTuple):
    """Scratch arrays for the largest of all steps; those of floats in the precision of the inputs, but for `totals`."""

    layer: LayerWorkspace
    estimate: EstimateWorkspace
    weights: FloatArray  # [D] of the target, then of the pruned network
    rest: FloatArray  # [D] what is removed: the layer with zeros elsewhere, or, if they are few, these weights alone
    where: IndexArray  # [D + 1] their places if they are few
    removed: ByteArray  # [D]
    offsets: IntArray  # [K]
    padded: FloatArray  # [grid and padding]
    hidden: FloatArray  # [2·state] of the target, then of the pruned network
    following: FloatArray  # [2·state]
    largest: FloatArray  # [B]
    totals: FloatArray  # [B]


@body
def network_workspace_of(all_teams: NetworkWorkspace, team: int) -> NetworkWorkspace:
    """The scratch arrays of one team, out of arrays with one row a team."""
    return NetworkWorkspace(
        layer_workspace_of(all_teams.layer, team),
        estimate_workspace_of(all_teams.estimate, team),
        all_teams.weights[team],
        all_teams.rest[team],
        all_teams.where[team],
        all_teams.removed[team],
        all_teams.offsets[team],
        all_teams.padded[team],
        all_teams.hidden[team],
        all_teams.following[team],
        all_teams.largest[team],
        all_teams.totals[team],
    )


class Sizes(NamedTuple):
    """The largest of all steps: what a workspace needs."""

    weights: int  # D
    terms: int  # K, products of an output
    filters: int  # outputs of a linear step
    padded: int  # length of a padded grid, for one input
    state: int  # length of a hidden state, for one input


@body
def sizes_of(steps: IntArray) -> Sizes:
    """The sizes of a network."""
    weights = terms = filters = padded = 1
    state = cells_before(steps[0])
    for s in range(steps.shape[0]):
        step = steps[s]
        state = max(state, cells_after(step))
        if step[KIND] == LINEAR:
            weights = max(weights, step[CHANNELS_OUT] * term_count(step))
            terms = max(terms, term_count(step))
            filters = max(filters, step[CHANNELS_OUT])
            if not stands_as_padded(step):
                padded = max(padded, padded_size(step))
    return Sizes(weights, terms, filters, padded, state)


@body
def layer_source(source: NetworkSource, layer: int, offset: int) -> LayerSource:
    """Where one layer comes from; `offset` is where it begins in a row of what is given."""
    return LayerSource(
        source.key,
        source.first_trial,
        layer,
        source.laws[layer],
        source.law_parameters[layer],
        source.rules[layer],
        source.removed_counts[layer],
        source.given_weights,
        source.given_removed,
        offset,
        source.single,
    )


@body
def run_linear(
    hidden: FloatArray,
    following: FloatArray,
    weights: FloatArray,
    step: IntArray,
    count: int,
    all_offsets: IntArray,
    padded: FloatArray,
) -> None:
    """Take one network's hidden state through a linear step; offsets[K] and padded[grid and padding] are scratch."""
    offsets = all_offsets[: term_count(step)]
    tap_offsets(offsets, step, count)
    if stands_as_padded(step):
        correlate(following, weights, step[CHANNELS_OUT], hidden, offsets, step, count)
    else:
        pad(padded, hidden, step, count)
        correlate(following, weights, step[CHANNELS_OUT], padded, offsets, step, count)


@body
def run_trial(i: int, source: NetworkSource, network: Network, workspace: NetworkWorkspace, measured: Measured) -> None:
    """Trial source.first_trial + i, into row i of what is measured."""
    steps, slopes, inputs, count, all_biases = network
    biases = all_biases[i]
    hidden = workspace.hidden
    following = workspace.following
    for e in range(lane(), inputs.shape[0], lanes()):
        hidden[e] = inputs[e]
    sync()
    layer = 0
    offset = 0
    unit = 0
    for s in range(steps.shape[0]):
        step = steps[s]
        before, after = cells_before(step) * count, cells_after(step) * count
        if step[KIND] == ACTIVATE:
            activate(following, hidden[: 2 * after], step[DETAIL], slopes[s])
            hidden, following = following, hidden
            continue
        if step[KIND] != LINEAR:
            for twin in range(2):
                pool(following[twin * after :], hidden[twin * before :], step, count)
            hidden, following = following, hidden
            continue

        m, n = step[CHANNELS_OUT], term_count(step)
        size = m * n
        weights = workspace.weights[:size]
        removed = workspace.removed[:size]
        rest = workspace.rest[:size]
        drawn = layer_source(source, layer, offset)
        measured.tau[i, layer] = take_layer(weights, removed, m, drawn, i, workspace.layer)
        wanted = measured.estimates.shape[0] > 0
        estimated = wanted and is_matrix(step)
        if wanted and not estimated:
            measured.estimates[i, layer, 0] = 0.0
            measured.estimates[i, layer, 1] = 0.0
        offsets, padded = workspace.offsets, workspace.padded
        run_linear(hidden, following, weights, step, count, offsets, padded)
        if estimated:
            measured.estimates[i, layer, 0] = spectral_estimate(weights, False, m, n, workspace.estimate)
        few = take_out(weights, rest, workspace.where, removed)
        beside = hidden[0 if layer == 0 else before :]
        run_linear(beside, following[after:], weights, step, count, offsets, padded)
        if estimated:
            rows = m
            if few >= 0:
                rest = rest[:few]
                rows = by_rows(workspace.estimate, workspace.where, few, n)
            measured.estimates[i, layer, 1] = spectral_estimate(rest, few >= 0, rows, n, workspace.estimate)
        if biases.shape[0] > 0:
            for twin in range(2):
                add_biases(following[twin * after :], biases[unit : unit + m], step, count)
        hidden, following = following, hidden
        offset += size
        unit += m
        layer += 1
    outputs = cells_after(steps[steps.shape[0] - 1])
    measured.gap[i], measured.worst_input[i] = worst_gap(
        hidden, hidden[outputs * count :], outputs, count, workspace.largest, workspace.totals
    )
