"""Trials of networks on the CPU: a thin loop over trials, and the functions that the package calls.

Every draw is a pure function of (key, trial, layer, stream, element), and a trial is computed by one
thread in a fixed order: results are bit-identical however trials are split into calls or threads. Each
thread has one workspace, so memory does not grow with the number of trials beyond the results. Shapes
are the caller's to get right, and values the caller's to validate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .estimate_bodies import EstimateWorkspace, by_rows, spectral_estimate
from .jit import ByteArray, FloatArray, IndexArray, IntArray, body, compiled, compiled_exact
from .launch import floats, in_chunks, integers, key_word
from .layer_bodies import LayerSource, LayerWorkspace
from .layer_cpu import new_layer_workspace, take_layer
from .matrix_cpu import new_estimate_workspace
from .network_bodies import (
    activate,
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
from .network_norms_cpu import fill_norms
from .pooling_bodies import pool
from .steps import ACTIVATE, CHANNELS_IN, CHANNELS_OUT, COLUMNS_IN, COLUMNS_OUT, DETAIL, KIND, LINEAR, ROWS_IN, ROWS_OUT
from .tables import CERTIFIED, DOUBLE, ESTIMATED, NUMBERS, SINGLE


class NetworkTrials(NamedTuple):
    """What T trials of a network with l linear steps showed; axis -1 of the norms is the part."""

    gap: FloatArray  # [T] max over the inputs of the Euclidean distance of the outputs; may be nan
    worst_input: IntArray  # [T] the first input that attains it
    norm_low: FloatArray  # [T, l, 3] certified lower bounds of norms: target, kept, removed; 0 if nothing is known
    norm_high: FloatArray  # [T, l, 3] certified upper bounds of the same, of the circular operators
    absolute: FloatArray  # [T, l] upper bounds of ‖Σ |W_tap|‖_F of the target, one tap in a dense layer
    tau: FloatArray  # [T, l] the (k+1)-th smallest |weight|, k weights being removed; inf if none is left
    estimates: FloatArray  # [T, l, 2] of the norms of target and removed part if these are estimated, else [0, l, 2]


class _Workspace(NamedTuple):
    """Scratch arrays for the largest of all steps; those of floats in the precision of the inputs, but for `totals`."""

    layer: LayerWorkspace
    estimate: EstimateWorkspace
    weights: FloatArray  # [D] of the target, then of the pruned network
    rest: (
        FloatArray  # [D] what is removed: the whole layer with zeros elsewhere, or these weights alone if they are few
    )
    where: IndexArray  # [D + 1] their places if they are few
    removed: ByteArray  # [D]
    offsets: IntArray  # [K]
    padded: FloatArray  # [grid and padding]
    hidden: FloatArray  # [2·state] of the target, then of the pruned network
    following: FloatArray  # [2·state]
    largest: FloatArray  # [B]
    totals: FloatArray  # [B]


@compiled_exact
def _new_workspace(steps: IntArray, count: int, like: FloatArray) -> _Workspace:
    weights = terms = padded = filters = 1
    states = steps[0, CHANNELS_IN] * steps[0, ROWS_IN] * steps[0, COLUMNS_IN]
    for s in range(steps.shape[0]):
        step = steps[s]
        states = max(states, step[CHANNELS_OUT] * step[ROWS_OUT] * step[COLUMNS_OUT])
        if step[KIND] == LINEAR:
            weights = max(weights, step[CHANNELS_OUT] * term_count(step))
            terms = max(terms, term_count(step))
            filters = max(filters, step[CHANNELS_OUT])
            if not stands_as_padded(step):
                padded = max(padded, padded_size(step))
    return _Workspace(
        new_layer_workspace(weights, like),
        new_estimate_workspace(weights, filters, terms, like),
        np.empty(weights, like.dtype),
        np.empty(weights, like.dtype),
        np.empty(weights + 1, np.int32),
        np.empty(weights, np.uint8),
        np.empty(terms, np.int64),
        np.empty(padded * count, like.dtype),
        np.empty(2 * states * count, like.dtype),
        np.empty(2 * states * count, like.dtype),
        np.empty(count),
        np.empty(count),
    )


@body
def _run_linear(
    hidden: FloatArray, following: FloatArray, weights: FloatArray, step: IntArray, count: int, workspace: _Workspace
) -> None:
    """Take one network's hidden state through a linear step."""
    offsets = workspace.offsets[: term_count(step)]
    tap_offsets(offsets, step, count)
    if stands_as_padded(step):
        correlate(following, weights, step[CHANNELS_OUT], hidden, offsets, step, count)
    else:
        pad(workspace.padded, hidden, step, count)
        correlate(following, weights, step[CHANNELS_OUT], workspace.padded, offsets, step, count)


@compiled
def _forward_chunk(
    start: int,
    stop: int,
    key: np.uint64,
    first_trial: np.uint64,
    given_weights: FloatArray,
    given_removed: ByteArray,
    steps: IntArray,
    slopes: FloatArray,
    laws: IntArray,
    law_parameters: FloatArray,
    rules: IntArray,
    removed_counts: IntArray,
    inputs: FloatArray,
    count: int,
    gap: FloatArray,
    worst_input: IntArray,
    tau: FloatArray,
    estimates: FloatArray,
) -> None:
    """Trials start to stop, one after the other in one workspace; drawn unless weights are given.

    inputs[dimension · count], inputs innermost; estimates[T, l, 2], or empty where norms are not estimated.
    """
    workspace = _new_workspace(steps, count, inputs)
    hidden = workspace.hidden
    following = workspace.following
    last = steps[steps.shape[0] - 1]
    outputs = last[CHANNELS_OUT] * last[ROWS_OUT] * last[COLUMNS_OUT]
    single = inputs.itemsize == 4

    for i in range(start, stop):
        for e in range(inputs.shape[0]):
            hidden[e] = inputs[e]
        layer = 0
        offset = 0
        for s in range(steps.shape[0]):
            step = steps[s]
            before = step[CHANNELS_IN] * step[ROWS_IN] * step[COLUMNS_IN] * count
            after = step[CHANNELS_OUT] * step[ROWS_OUT] * step[COLUMNS_OUT] * count
            if step[KIND] == ACTIVATE:
                activate(following, hidden[: 2 * after], step[DETAIL], slopes[s])
                hidden, following = following, hidden
                continue
            if step[KIND] != LINEAR:
                for network in range(2):
                    pool(following[network * after :], hidden[network * before :], step, count)
                hidden, following = following, hidden
                continue

            m, n = step[CHANNELS_OUT], term_count(step)
            size = m * n
            weights = workspace.weights[:size]
            removed = workspace.removed[:size]
            rest = workspace.rest[:size]
            source = LayerSource(
                key,
                first_trial,
                layer,
                laws[layer],
                law_parameters[layer],
                rules[layer],
                removed_counts[layer],
                given_weights,
                given_removed,
                offset,
                single,
            )
            tau[i, layer] = take_layer(weights, removed, m, source, i, workspace.layer)
            estimated = estimates.shape[0] > 0 and is_matrix(step)
            _run_linear(hidden, following, weights, step, count, workspace)
            if estimated:
                estimates[i, layer, 0] = spectral_estimate(weights, False, m, n, workspace.estimate)
            few = take_out(weights, rest, workspace.where, removed)
            _run_linear(hidden[0 if layer == 0 else before :], following[after:], weights, step, count, workspace)
            if estimated:
                rows = m
                if few >= 0:
                    rest = rest[:few]
                    rows = by_rows(workspace.estimate, workspace.where, few, n)
                estimates[i, layer, 1] = spectral_estimate(rest, few >= 0, rows, n, workspace.estimate)
            hidden, following = following, hidden
            offset += size
            layer += 1
        target = hidden[: outputs * count].reshape(outputs, count)
        kept = hidden[outputs * count : 2 * outputs * count].reshape(outputs, count)
        gap[i], worst_input[i] = worst_gap(target, kept, workspace.largest, workspace.totals)


def _run_network(
    key: int,
    first_trial: int,
    trials: int,
    given_weights: FloatArray,
    given_removed: ByteArray,
    steps: npt.ArrayLike,
    slopes: npt.ArrayLike,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
    rules: npt.ArrayLike,
    removed_counts: npt.ArrayLike,
    inputs: npt.ArrayLike,
    precision: str,
    norms: str,
) -> NetworkTrials:
    steps, laws, rules, removed_counts = (integers(given) for given in (steps, laws, rules, removed_counts))
    law_parameters = floats(law_parameters).reshape(-1, 3)
    linear = steps[steps[:, KIND] == LINEAR]
    layers = len(linear)
    gap, worst_input, tau = np.empty(trials), np.empty(trials, np.int64), np.empty((trials, layers))
    low, high, absolute = (
        np.zeros((layers, trials, 3)),
        np.full((layers, trials, 3), np.inf),
        np.full((layers, trials), np.inf),
    )
    estimates = np.zeros((trials if norms == ESTIMATED else 0, layers, 2))
    start, given = (key_word(key), np.uint64(first_trial)), (given_weights, given_removed)
    points = np.asarray(inputs)
    in_chunks(
        _forward_chunk,
        trials,
        *start,
        *given,
        steps,
        floats(slopes),
        laws,
        law_parameters,
        rules,
        removed_counts,
        np.array(points.T, dtype=NUMBERS[precision], order="C").reshape(-1),
        len(points),
        gap,
        worst_input,
        tau,
        estimates,
    )
    offset = 0
    for i, step in enumerate(linear):
        size = int(step[CHANNELS_OUT] * term_count(step))
        if norms == ESTIMATED and is_matrix(step):
            offset += size
            continue
        source = LayerSource(
            *start,
            i,
            int(laws[i]),
            law_parameters[i],
            int(rules[i]),
            int(removed_counts[i]),
            *given,
            offset,
            precision == SINGLE,
        )
        fill_norms(trials, source, step, len(steps) == 1, low[i], high[i], absolute[i])
        offset += size
    low, high, absolute = (np.ascontiguousarray(values.swapaxes(0, 1)) for values in (low, high, absolute))
    return NetworkTrials(gap, worst_input, low, high, absolute, tau, estimates)


def network_trials(
    key: int,
    first_trial: int,
    trials: int,
    steps: npt.ArrayLike,
    slopes: npt.ArrayLike,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
    rules: npt.ArrayLike,
    removed_counts: npt.ArrayLike,
    inputs: npt.ArrayLike,
    *,
    precision: str = DOUBLE,
    norms: str = CERTIFIED,
) -> NetworkTrials:
    """Draw networks, prune them, and measure gaps and norms.

    The target F takes an input through all steps; the pruned network f has the kept weights only.

    Parameters
    ----------
    key
        64-bit key of the generator.
    first_trial, trials
        Row i of the results is trial first_trial + i, in [0, 2^63).
    steps
        [s, COLUMNS] table of the network, l of them linear; see `steps`.
    slopes
        [s], of leaky ReLU (ignored elsewhere).
    laws, law_parameters
        [l] codes and [l, 3] parameters of the weights' laws; see `tables`.
    rules, removed_counts
        [l] pruning rules and numbers of weights to remove, 0 to all (ignored by KEEP_ALL); where filters go, those
        of whole filters.
    inputs
        [B, channels · rows · columns of the first step], B >= 1, shared by all trials.
    precision
        DOUBLE, or SINGLE: weights, as drawn in double precision, and inputs are rounded to single precision, in which
        the forward passes run. Certified norms are those of the rounded weights.
    norms
        CERTIFIED, or ESTIMATED: of a layer that is one matrix, norms are estimated (see `estimate_bodies`) and nothing
        is certified; other layers are certified as ever, and their estimates are 0.

    Returns
    -------
    NetworkTrials
        Arrays of `trials` rows. Lower bounds are known of linear steps that are EXACT, and of what is removed in a
        network of one step. `tau` is an order statistic of |W| whatever the rule, but infinite where filters go.
    """
    no_weights = np.empty((0, 0))
    no_removed = np.empty((0, 0), np.uint8)
    return _run_network(
        key,
        first_trial,
        trials,
        no_weights,
        no_removed,
        steps,
        slopes,
        laws,
        law_parameters,
        rules,
        removed_counts,
        inputs,
        precision,
        norms,
    )


def network_given(
    weights: Sequence[npt.ArrayLike],
    removed: Sequence[npt.ArrayLike],
    steps: npt.ArrayLike,
    slopes: npt.ArrayLike,
    inputs: npt.ArrayLike,
    *,
    precision: str = DOUBLE,
    norms: str = CERTIFIED,
) -> NetworkTrials:
    """`network_trials` for weights and masks that the caller supplies.

    Parameters
    ----------
    weights, removed
        One array [T, m, n] or [T, m, n, p, q] a layer, input side first; removed is 1 where a weight is pruned, else 0.
    steps, slopes, inputs, precision, norms
        As for `network_trials`.
    """
    layers = [np.asarray(w, dtype=np.float64) for w in weights]
    masks = [np.asarray(r, dtype=np.uint8) for r in removed]
    trials = layers[0].shape[0]
    unused = np.zeros(len(layers), np.int64)
    return _run_network(
        0,
        0,
        trials,
        np.concatenate([w.reshape(trials, -1) for w in layers], axis=1),
        np.concatenate([r.reshape(trials, -1) for r in masks], axis=1),
        steps,
        slopes,
        unused,
        np.zeros((len(layers), 3)),
        unused,
        unused,
        inputs,
        precision,
        norms,
    )
