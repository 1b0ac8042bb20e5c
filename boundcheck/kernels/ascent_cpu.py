"""Searches for the worst inputs of networks whose weights are given, trials shared out among threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .ascent_bodies import ANGLES, AscentWorkspace, Pair, ascend, recorded_cells, seeds_of
from .cpu import new_spectral_workspace
from .jit import ByteArray, FloatArray, IntArray, compiled, compiled_exact
from .launch import floats, in_chunks, integers
from .network_bodies import cells_before
from .trial_bodies import sizes_of


class Worst(NamedTuple):
    """The worst inputs that were found in T trials."""

    gap: FloatArray  # [T] the Euclidean distance of the outputs there; may be nan
    point: FloatArray  # [T, n]


@compiled_exact
def new_ascent_workspace(steps: IntArray, weights: int, count: int) -> AscentWorkspace:
    """Scratch arrays for so many weights and inputs."""
    sizes = sizes_of(steps)
    n, q = cells_before(steps[0]), seeds_of(steps)
    most = max(count, 2 * ANGLES)
    return AscentWorkspace(
        np.empty(weights),
        np.empty(sizes.terms, np.int64),
        np.empty(sizes.padded * most),
        np.empty(2 * sizes.state * most),
        np.empty(2 * sizes.state * most),
        np.empty(most),
        np.empty(most),
        np.empty(n * most),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty((2, recorded_cells(steps))),
        np.empty((2, recorded_cells(steps)), np.int64),
        np.empty(sizes.state * q),
        np.empty(sizes.state * q),
        np.empty(sizes.weights),
        np.empty(sizes.state, np.int64),
        np.empty((n, q)),
        new_spectral_workspace(n, q),
        np.empty(most),
    )


@compiled
def _ascent_chunk(
    start: int,
    stop: int,
    weights: FloatArray,
    removed: ByteArray,
    biases: FloatArray,
    steps: IntArray,
    slopes: FloatArray,
    inputs: FloatArray,
    count: int,
    radius: float,
    gap: FloatArray,
    point: FloatArray,
) -> None:
    workspace = new_ascent_workspace(steps, weights.shape[1], count)
    kept = workspace.kept
    for i in range(start, stop):
        for e in range(weights.shape[1]):
            kept[e] = 0.0 if removed[i, e] != 0 else weights[i, e]
        gap[i] = ascend(Pair(steps, slopes, weights[i], kept, biases[i]), inputs, count, radius, point[i], workspace)


def worst_inputs(
    weights: npt.ArrayLike,
    removed: npt.ArrayLike,
    steps: npt.ArrayLike,
    slopes: npt.ArrayLike,
    inputs: npt.ArrayLike,
    radius: float,
    biases: npt.ArrayLike | None = None,
) -> Worst:
    """Search the ball for the inputs at which networks and their pruned twins are farthest apart.

    Parameters
    ----------
    weights, removed
        [T, D] of all layers, input side first, each flat [m, n, taps]; removed is 1 where a weight is pruned, else 0.
    steps, slopes
        [s, COLUMNS] and [s], as for `network_trials`.
    inputs
        [B, n], where searches may start; they lie in the ball.
    radius
        Of the ball that the exact norms of all points found are to lie in.
    biases
        [T, outputs of all layers], or [T, 0] or None where there are none.
    """
    given, table, starts = floats(weights), integers(steps), floats(inputs)
    n = starts.shape[1]
    result = Worst(np.empty(len(given)), np.empty((len(given), n)))
    in_chunks(
        _ascent_chunk,
        len(given),
        given,
        np.array(removed, dtype=np.uint8, order="C"),
        floats(np.zeros((len(given), 0)) if biases is None else biases),
        table,
        floats(slopes),
        np.array(starts.T, order="C").reshape(-1),
        len(starts),
        float(radius),
        *result,
    )
    return result
