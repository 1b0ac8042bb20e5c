"""Trials of networks on the CPU: a thin loop over trials.

Every draw is a pure function of (key, trial, layer, stream, element), and a trial is computed by one
thread in a fixed order: results are bit-identical however trials are split into calls or threads. Each
thread has one workspace, so memory does not grow with the number of trials beyond the results. Shapes
are the caller's to get right, and values the caller's to validate.
"""

from __future__ import annotations

import numpy as np

from .jit import ByteArray, FloatArray, IntArray, compiled, compiled_exact
from .launch import in_chunks
from .layer_bodies import LayerSource
from .layer_cpu import new_layer_workspace, take_rows
from .matrix_cpu import new_estimate_workspace
from .network_norms_cpu import layer_bounds
from .network_trials import NetworkDraws, NetworkKernels, NetworkTrials
from .trial_bodies import Measured, Network, NetworkSource, NetworkWorkspace, run_trial, sizes_of

__all__ = ["NetworkDraws", "NetworkTrials", "network_draws", "network_given", "network_trials"]


@compiled_exact
def _new_workspace(steps: IntArray, count: int, like: FloatArray) -> NetworkWorkspace:
    sizes = sizes_of(steps)
    return NetworkWorkspace(
        new_layer_workspace(sizes.weights, like),
        new_estimate_workspace(sizes.weights, sizes.filters, sizes.terms, like),
        np.empty(sizes.weights, like.dtype),
        np.empty(sizes.weights, like.dtype),
        np.empty(sizes.weights + 1, np.int32),
        np.empty(sizes.weights, np.uint8),
        np.empty(sizes.terms, np.int64),
        np.empty(sizes.padded * count, like.dtype),
        np.empty(2 * sizes.state * count, like.dtype),
        np.empty(2 * sizes.state * count, like.dtype),
        np.empty(count),
        np.empty(count),
    )


@compiled
def _forward_chunk(start: int, stop: int, source: NetworkSource, network: Network, measured: Measured) -> None:
    """Trials start to stop, one after the other in one workspace."""
    workspace = _new_workspace(network.steps, network.points, network.inputs)
    for i in range(start, stop):
        run_trial(i, source, network, workspace, measured)


class _OnThisMachine(NetworkKernels):
    """Threads share out the trials."""

    def run(self, source: NetworkSource, network: Network, measured: Measured) -> Measured:
        in_chunks(_forward_chunk, len(measured.gap), source, network, measured)
        return measured

    def bounds(
        self, trials: int, source: LayerSource, step: IntArray, alone: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        return layer_bounds(trials, source, step, alone)

    def layers(self, trials: int, source: LayerSource, m: int, size: int) -> tuple[FloatArray, ByteArray]:
        weights, removed = np.empty((trials, size)), np.empty((trials, size), np.uint8)
        take_rows(weights, removed, m, source)
        return weights, removed


_KERNELS = _OnThisMachine()
network_draws = _KERNELS.network_draws
network_trials = _KERNELS.network_trials
network_given = _KERNELS.network_given
