"""Trials of networks on a GPU, twins of those in `network_cpu`; only results come back.

Certificates of convolutions are the CPU's: it takes the very weights that the GPU drew.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import layer_bodies, network_bodies
from .estimate_bodies import ESTIMATE_STEPS, EstimateWorkspace
from .jit import ByteArray, FloatArray, IntArray
from .launch_cuda import kernel, launch, scratch
from .layer_bodies import LayerSource, LayerWorkspace, layer_workspace_of, take_layer
from .matrix_cuda import spectral_scratch
from .network_bodies import is_matrix, term_count
from .network_norms_cpu import layer_bounds
from .network_trials import NetworkDraws, NetworkKernels, NetworkTrials
from .norm_bodies import bounds_of_parts, spectral_workspace_of
from .sampling_bodies import STRETCH
from .steps import CHANNELS_OUT, EXACT
from .team_cuda import cuda, on_cuda
from .trial_bodies import Measured, Network, NetworkSource, NetworkWorkspace, network_workspace_of, run_trial, sizes_of

__all__ = ["NetworkDraws", "NetworkTrials", "network_draws", "network_given", "network_trials"]

_WEIGHTS_AT_A_TIME = 1 << 25
"""Weights that are drawn for the CPU before it takes them."""

on_cuda(layer_bodies.take_layer)(layer_bodies.taken_layer)


@on_cuda(network_bodies.few_of)
def _few_of(count: int, size: int) -> bool:
    return count == 0


def _layer_scratch(entries: int) -> LayerWorkspace:
    return LayerWorkspace(
        scratch(max(2 * entries + 4, 4 * STRETCH), dtype=np.uint32),
        scratch(entries, dtype=np.uint64),
        scratch(0, dtype=np.uint64),
        scratch(0, dtype=np.int64),
        scratch(entries),
        scratch(entries + 1, dtype=np.uint64),
    )


def _network_scratch(network: Network) -> NetworkWorkspace:
    sizes = sizes_of(network.steps)
    count, dtype = network.points, network.inputs.dtype.type
    return NetworkWorkspace(
        _layer_scratch(sizes.weights),
        EstimateWorkspace(
            scratch(3 * sizes.terms, dtype=dtype),
            scratch(sizes.weights, dtype=dtype),
            scratch(ESTIMATE_STEPS),
            scratch(ESTIMATE_STEPS),
            scratch(0, dtype=np.int32),
            scratch(0, dtype=np.int32),
        ),
        scratch(sizes.weights, dtype=dtype),
        scratch(sizes.weights, dtype=dtype),
        scratch(0, dtype=np.int32),
        scratch(sizes.weights, dtype=np.uint8),
        scratch(sizes.terms, dtype=np.int64),
        scratch(sizes.padded * count, dtype=dtype),
        scratch(2 * sizes.state * count, dtype=dtype),
        scratch(2 * sizes.state * count, dtype=dtype),
        scratch(count),
        scratch(count),
    )


@kernel
def _trial_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    source, network = arguments
    own = network_workspace_of(workspace, cuda.blockIdx.x)
    for i in range(cuda.blockIdx.x, trials, cuda.gridDim.x):
        run_trial(i, source, network, own, results)


@kernel
def _bounds_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    source, m, n = arguments
    layers, spectral, all_weights, all_removed = workspace
    low, high, absolute = results
    team = cuda.blockIdx.x
    weights, removed = all_weights[team], all_removed[team]
    for i in range(team, trials, cuda.gridDim.x):
        take_layer(weights, removed, m, source, i, layer_workspace_of(layers, team))
        absolute[i] = bounds_of_parts(low[i], high[i], weights, removed, m, n, spectral_workspace_of(spectral, team))


@kernel
def _layer_kernel(trials: int, arguments: Any, workspace: Any, results: Any) -> None:
    source, m = arguments
    weights, removed = results
    for i in range(cuda.blockIdx.x, trials, cuda.gridDim.x):
        take_layer(weights[i], removed[i], m, source, i, layer_workspace_of(workspace, cuda.blockIdx.x))


class _OnTheGpu(NetworkKernels):
    """A team of lanes computes each trial."""

    def run(self, source: NetworkSource, network: Network, measured: Measured) -> Measured:
        width = int(sizes_of(network.steps).filters) * network.points
        return launch(_trial_kernel, width, (source, network), _network_scratch(network), measured)

    def bounds(
        self, trials: int, source: LayerSource, step: IntArray, alone: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        if is_matrix(step) and (step[EXACT] or not alone):
            return self._bounds_of_matrix(trials, source, step)
        if source.given_weights.size > 0:
            return layer_bounds(trials, source, step, alone)
        m = int(step[CHANNELS_OUT])
        size = int(m * term_count(step))
        at_a_time = max(1, _WEIGHTS_AT_A_TIME // size)
        parts = []
        for first in range(0, max(1, trials), at_a_time):
            count = min(at_a_time, trials - first)
            drawn = source._replace(first_trial=source.first_trial + np.uint64(first))
            weights, removed = self.layers(count, drawn, m, size)
            given = drawn._replace(given_weights=weights, given_removed=removed, offset=0)
            parts.append(layer_bounds(count, given, step, alone))
        low, high, absolute = (np.concatenate(column) for column in zip(*parts, strict=True))
        return low, high, absolute

    def layers(self, trials: int, source: LayerSource, m: int, size: int) -> tuple[FloatArray, ByteArray]:
        rows: tuple[FloatArray, ByteArray] = np.empty((trials, size)), np.empty((trials, size), np.uint8)
        return launch(_layer_kernel, size, (source, m), _layer_scratch(size), rows)

    def _bounds_of_matrix(
        self, trials: int, source: LayerSource, step: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        m, n = int(step[CHANNELS_OUT]), int(term_count(step))
        workspace = (_layer_scratch(m * n), spectral_scratch(m, n), scratch(m * n), scratch(m * n, dtype=np.uint8))
        results = np.empty((trials, 3)), np.empty((trials, 3)), np.empty(trials)
        low, high, absolute = launch(_bounds_kernel, min(m, n), (source, m, n), workspace, results)
        if not step[EXACT]:
            low[:] = 0.0
        return low, high, absolute


_KERNELS = _OnTheGpu()
network_draws = _KERNELS.network_draws
network_trials = _KERNELS.network_trials
network_given = _KERNELS.network_given
