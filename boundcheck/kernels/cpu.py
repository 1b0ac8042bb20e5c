"""The kernels on the CPU: thin loops over trials, and the functions that the package calls.

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

from .jit import (
    ByteArray,
    FloatArray,
    IntArray,
    KeyArray,
    WordArray,
    compiled,
    compiled_exact,
)
from .lanczos_bodies import LANCZOS_STEPS
from .launch import floats, in_chunks, integers, key_word
from .linear_bodies import dot
from .network_bodies import activate, dense, worst_gap
from .norm_bodies import SpectralWorkspace, spectral_bounds
from .philox_bodies import fill_words
from .sampling_bodies import fill_law, fill_laws, project_to_sphere
from .selection_bodies import DIGITS, magnitude_keys, magnitude_of_rank, random_keys, remove_smallest
from .tables import INPUTS, KEPT, MAGNITUDE, MASK, NORMAL, RANDOM, STATISTIC, TARGET, WEIGHTS


class NetworkTrials(NamedTuple):
    """What T trials of an l-layer network and its pruned twin showed; axis -1 of the norms is the part."""

    gap: FloatArray  # [T] max over the inputs of the Euclidean distance of the outputs; may be nan
    worst_input: IntArray  # [T] the first input that attains it
    norm_low: FloatArray  # [T, l, 3] certified lower bounds of spectral norms: target, kept, removed
    norm_high: FloatArray  # [T, l, 3] certified upper bounds of the same
    frobenius: FloatArray  # [T, l] upper bounds of the target's Frobenius norms
    tau: FloatArray  # [T, l] the (k+1)-th smallest |weight|, k weights being removed; inf if none is left


class LayerDraw(NamedTuple):
    """One layer as one trial sees it."""

    weights: FloatArray  # [m, n]
    removed: ByteArray  # [m, n], 1 where pruned
    tau: float


class StatisticTrials(NamedTuple):
    """Statistics of T trials of n independent draws."""

    sums: FloatArray  # [T]
    maxima: FloatArray  # [T]
    absolute_sums: FloatArray  # [T] sums of absolute values


class _LayerWorkspace(NamedTuple):
    """Scratch arrays for layers of up to D weights."""

    words: WordArray  # [2·D + 4]
    keys: KeyArray  # [D]
    candidates: KeyArray  # [D]
    counts: IntArray  # [DIGITS]


@compiled_exact
def _draw_layer(
    weights: FloatArray,
    removed: ByteArray,
    key: np.uint64,
    trial: np.uint64,
    layer: int,
    law: int,
    parameters: FloatArray,
    rule: int,
    amount: int,
    workspace: _LayerWorkspace,
) -> float:
    """Draw weights[D] and removed[D] of one layer; return tau."""
    count = weights.shape[0]
    words, keys, candidates, counts = workspace
    fill_words(words, count, key, layer, WEIGHTS, trial)
    fill_law(weights, words, count, law, parameters[0], parameters[1], parameters[2])
    if rule == MAGNITUDE:
        magnitude_keys(keys, weights, count)
        remove_smallest(removed, keys, count, amount, candidates, counts)
    elif rule == RANDOM:
        fill_words(words, 2 * count, key, layer, MASK, trial)
        random_keys(keys, words, count)
        remove_smallest(removed, keys, count, amount, candidates, counts)
    else:
        amount = 0
        removed[:] = 0
    return magnitude_of_rank(weights, count, amount, keys, candidates, counts)


@compiled_exact
def _count_layer(weights: FloatArray, removed: ByteArray, workspace: _LayerWorkspace) -> float:
    """The tau of given weights[D] and removed[D]."""
    count = weights.shape[0]
    amount = 0
    for e in range(count):
        if removed[e] != 0:
            amount += 1
    return magnitude_of_rank(weights, count, amount, workspace.keys, workspace.candidates, workspace.counts)


@compiled_exact
def new_spectral_workspace(entries: int, side: int) -> SpectralWorkspace:
    """Scratch arrays for matrices of up to `entries` entries with smaller side `side`."""
    steps = min(side + 8, LANCZOS_STEPS)
    return SpectralWorkspace(
        np.empty(entries),
        np.empty(side * side),
        np.empty(side * side),
        np.empty(side),
        np.empty((steps + 1) * side),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
        np.empty(steps),
    )


@compiled_exact
def _layer_workspace(entries: int) -> _LayerWorkspace:
    return _LayerWorkspace(
        np.empty(2 * entries + 4, np.uint32),
        np.empty(entries, np.uint64),
        np.empty(entries, np.uint64),
        np.empty(DIGITS, np.int64),
    )


@compiled
def _network_chunk(
    start: int,
    stop: int,
    key: np.uint64,
    first_trial: np.uint64,
    given_weights: FloatArray,
    given_removed: ByteArray,
    widths: IntArray,
    laws: IntArray,
    law_parameters: FloatArray,
    activations: IntArray,
    slopes: FloatArray,
    rules: IntArray,
    removed_counts: IntArray,
    inputs: FloatArray,
    gap: FloatArray,
    worst_input: IntArray,
    norm_low: FloatArray,
    norm_high: FloatArray,
    frobenius: FloatArray,
    tau: FloatArray,
) -> None:
    """Trials start to stop, one after the other in one workspace; drawn unless weights are given."""
    layers = widths.shape[0] - 1
    entries = widths[0] * widths[1]
    side = min(widths[0], widths[1])
    width = widths[0]
    for layer in range(1, layers):
        entries = max(entries, widths[layer] * widths[layer + 1])
        side = max(side, min(widths[layer], widths[layer + 1]))
    for layer in range(layers):
        width = max(width, widths[layer + 1])
    layer_workspace = _layer_workspace(entries)
    spectral_workspace = new_spectral_workspace(entries, side)
    all_weights = np.empty(entries)
    all_removed = np.empty(entries, np.uint8)
    hidden = np.empty((2, width, inputs.shape[0]))
    following = np.empty((2, width, inputs.shape[0]))

    for i in range(start, stop):
        for b in range(inputs.shape[0]):
            for j in range(widths[0]):
                hidden[0, j, b] = inputs[b, j]
                hidden[1, j, b] = inputs[b, j]
        offset = 0
        for layer in range(layers):
            n = widths[layer]
            m = widths[layer + 1]
            flat = all_weights[: m * n]
            flat_removed = all_removed[: m * n]
            if given_weights.shape[0] > 0:
                for e in range(m * n):
                    flat[e] = given_weights[i, offset + e]
                    flat_removed[e] = given_removed[i, offset + e]
                tau[i, layer] = _count_layer(flat, flat_removed, layer_workspace)
            else:
                tau[i, layer] = _draw_layer(
                    flat,
                    flat_removed,
                    key,
                    first_trial + np.uint64(i),
                    layer,
                    laws[layer],
                    law_parameters[layer],
                    rules[layer],
                    removed_counts[layer],
                    layer_workspace,
                )
            offset += m * n
            weights = flat.reshape(m, n)
            removed = flat_removed.reshape(m, n)

            pruned = flat_removed.any()
            for part in range(3):
                if part == TARGET or pruned:
                    low, high, whole = spectral_bounds(weights, removed, part, spectral_workspace)
                    norm_low[i, layer, part] = low
                    norm_high[i, layer, part] = high
                    if part == TARGET:
                        frobenius[i, layer] = whole
                elif part == KEPT:
                    norm_low[i, layer, part] = norm_low[i, layer, TARGET]
                    norm_high[i, layer, part] = norm_high[i, layer, TARGET]
                else:
                    norm_low[i, layer, part] = 0.0
                    norm_high[i, layer, part] = 0.0

            for network in range(2):  # the target, then the pruned one
                dense(following[network, :m], weights, removed, network == 1, hidden[network, :n])
                if layer + 1 < layers:
                    activate(following[network, :m], activations[layer], slopes[layer])
            hidden, following = following, hidden
        gap[i], worst_input[i] = worst_gap(hidden[0, : widths[layers]], hidden[1, : widths[layers]])


@compiled_exact
def _draw_one(
    key: np.uint64,
    trial: np.uint64,
    layer: int,
    weights: FloatArray,
    removed: ByteArray,
    law: int,
    parameters: FloatArray,
    rule: int,
    amount: int,
) -> float:
    return _draw_layer(
        weights,
        removed,
        key,
        trial,
        layer,
        law,
        parameters,
        rule,
        amount,
        _layer_workspace(weights.shape[0]),
    )


@compiled
def _bounds_one(matrix: FloatArray, removed: ByteArray) -> tuple[float, float, float]:
    workspace = new_spectral_workspace(matrix.size, min(matrix.shape))
    return spectral_bounds(matrix, removed, TARGET, workspace)


@compiled_exact
def _fill_sphere(points: FloatArray, key: np.uint64, radius: float) -> None:
    count, dimension = points.shape
    words = np.empty(dimension + 4, np.uint32)
    for i in range(count):
        fill_words(words, dimension, key, 0, INPUTS, np.uint64(i))
        fill_law(points[i], words, dimension, NORMAL, 0.0, 1.0, 0.0)
        project_to_sphere(points[i], radius)


@compiled_exact
def _statistic_chunk(
    start: int,
    stop: int,
    n: int,
    key: np.uint64,
    first_trial: np.uint64,
    laws: IntArray,
    law_parameters: FloatArray,
    sums: FloatArray,
    maxima: FloatArray,
    absolute_sums: FloatArray,
) -> None:
    words = np.empty(n + 4, np.uint32)
    values = np.empty(n)
    ones = np.ones(n)
    for i in range(start, stop):
        fill_words(words, n, key, 0, STATISTIC, first_trial + np.uint64(i))
        fill_laws(values, words, n, laws, law_parameters)
        sums[i] = dot(values, ones)
        maxima[i] = values.max()
        for e in range(n):
            values[e] = abs(values[e])
        absolute_sums[i] = dot(values, ones)


def _run_network(
    key: int,
    first_trial: int,
    trials: int,
    given_weights: FloatArray,
    given_removed: ByteArray,
    widths: npt.ArrayLike,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
    activations: npt.ArrayLike,
    slopes: npt.ArrayLike,
    rules: npt.ArrayLike,
    removed_counts: npt.ArrayLike,
    inputs: npt.ArrayLike,
) -> NetworkTrials:
    widths = integers(widths)
    layers = widths.shape[0] - 1
    result = NetworkTrials(
        gap=np.empty(trials),
        worst_input=np.empty(trials, np.int64),
        norm_low=np.empty((trials, layers, 3)),
        norm_high=np.empty((trials, layers, 3)),
        frobenius=np.empty((trials, layers)),
        tau=np.empty((trials, layers)),
    )
    in_chunks(
        _network_chunk,
        trials,
        key_word(key),
        np.uint64(first_trial),
        given_weights,
        given_removed,
        widths,
        integers(laws),
        floats(law_parameters).reshape(-1, 3),
        integers(activations),
        floats(slopes),
        integers(rules),
        integers(removed_counts),
        floats(inputs),
        *result,
    )
    return result


def network_trials(
    key: int,
    first_trial: int,
    trials: int,
    widths: npt.ArrayLike,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
    activations: npt.ArrayLike,
    slopes: npt.ArrayLike,
    rules: npt.ArrayLike,
    removed_counts: npt.ArrayLike,
    inputs: npt.ArrayLike,
) -> NetworkTrials:
    """Draw networks, prune them, and measure gaps and norms.

    The target is F(x) = W_l s_{l-1}(… s_1(W_1 x)); the pruned network f has the kept weights only.

    Parameters
    ----------
    key
        64-bit key of the generator.
    first_trial, trials
        Row i of the results is trial first_trial + i, in [0, 2^63).
    widths
        [l + 1], input first: layer i has widths[i + 1] × widths[i] weights.
    laws, law_parameters
        [l] codes and [l, 3] parameters of the weights' laws; see `tables`.
    activations, slopes
        [l - 1] codes, and slopes of leaky ReLU (ignored elsewhere).
    rules, removed_counts
        [l] pruning rules and numbers of weights to remove, 0 to all (ignored by KEEP_ALL).
    inputs
        [B, widths[0]], B >= 1, shared by all trials.

    Returns
    -------
    NetworkTrials
        Arrays of `trials` rows. `tau` is an order statistic of |W| whatever the pruning rule.
    """
    no_weights = np.empty((0, 0))
    no_removed = np.empty((0, 0), np.uint8)
    return _run_network(
        key,
        first_trial,
        trials,
        no_weights,
        no_removed,
        widths,
        laws,
        law_parameters,
        activations,
        slopes,
        rules,
        removed_counts,
        inputs,
    )


def network_given(
    weights: Sequence[npt.ArrayLike],
    removed: Sequence[npt.ArrayLike],
    activations: npt.ArrayLike,
    slopes: npt.ArrayLike,
    inputs: npt.ArrayLike,
) -> NetworkTrials:
    """`network_trials` for weights and masks that the caller supplies.

    Parameters
    ----------
    weights, removed
        One array [T, m, n] a layer, input side first; removed is 1 where a weight is pruned, else 0.
    activations, slopes
        [l - 1], as for `network_trials`.
    inputs
        [B, n of the first layer].
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
        [layers[0].shape[2], *(w.shape[1] for w in layers)],
        unused,
        np.zeros((len(layers), 3)),
        activations,
        slopes,
        unused,
        unused,
        inputs,
    )


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
    """The weights[m, n], mask[m, n] and tau that `network_trials` sees in one layer of one trial."""
    weights = np.empty(m * n)
    removed = np.empty(m * n, np.uint8)
    tau = _draw_one(
        key_word(key),
        np.uint64(trial),
        layer,
        weights,
        removed,
        law,
        floats(parameters),
        rule,
        removed_count,
    )
    return LayerDraw(weights.reshape(m, n), removed.reshape(m, n), tau)


def sphere_inputs(key: int, count: int, dimension: int, radius: float) -> FloatArray:
    """`count` uniform directions, [count, dimension], whose exact norms are at most `radius`.

    They fall short of `radius` by less than (dimension + 12) · 2^-51 of it. `radius` is 0 or at least
    1e-290. Point i does not depend on `count`.
    """
    points = np.empty((count, dimension))
    _fill_sphere(points, key_word(key), float(radius))
    return points


def spectral_norm(a: npt.ArrayLike) -> tuple[float, float]:
    """Certified bounds (low, high) of the spectral norm of a[m, n]; see `norm_bodies` for the proof.

    (0, 0) for a zero matrix and (0, inf) for one with an entry that is not finite.
    """
    matrix = floats(a)
    low, high, _ = _bounds_one(matrix, np.zeros(matrix.shape, np.uint8))
    return low, high


def statistic_trials(
    key: int,
    first_trial: int,
    trials: int,
    n: int,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
) -> StatisticTrials:
    """Sum, maximum and sum of absolute values of n >= 1 independent draws, in each of T trials.

    Parameters
    ----------
    key, first_trial, trials
        As for `network_trials`.
    n
        Number of draws in a trial.
    laws, law_parameters
        Codes [n] and parameters [n, 3], one a draw; or of length 1, for identically distributed draws.
    """
    result = StatisticTrials(np.empty(trials), np.empty(trials), np.empty(trials))
    in_chunks(
        _statistic_chunk,
        trials,
        n,
        key_word(key),
        np.uint64(first_trial),
        integers(laws).reshape(-1),
        floats(law_parameters).reshape(-1, 3),
        *result,
    )
    return result
