"""The package's own kernels as contestants of `kernels.py`, which says what a contestant is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.device import load_kernels
from boundcheck.kernels import steps, tables
from boundcheck.kernels.estimate_bodies import by_rows, spectral_estimate
from boundcheck.kernels.jit import body, compiled, compiled_exact
from boundcheck.kernels.launch import in_chunks, set_thread_count
from boundcheck.kernels.matrix_cpu import new_estimate_workspace
from boundcheck.kernels.network_bodies import activate, correlate, take_out, tap_offsets, worst_gap
from boundcheck.kernels.sampling_bodies import STRETCH, fill_drawn
from boundcheck.kernels.selection_bodies import remove_smallest_magnitudes


@compiled_exact
def _sampling_chunk(start, stop, weights, batch, first_trial, half_width):
    """weights[layer · trial, D]; each stage here works on arrays of that shape, as the peers' do."""
    words = np.empty(4 * STRETCH, np.uint32)
    size = weights.shape[1]
    for row in range(start, stop):
        trial = first_trial + np.uint64(row % batch)
        layer = row // batch
        limits = -half_width, half_width
        fill_drawn(weights[row], words, size, np.uint64(7), layer, tables.WEIGHTS, trial, tables.UNIFORM, *limits, 0.0)


@compiled_exact
def _selection_chunk(start, stop, weights, removed, amount):
    size = weights.shape[1]
    magnitudes = np.empty(size + 1, weights.dtype)
    for row in range(start, stop):
        remove_smallest_magnitudes(removed[row], weights[row], size, amount, magnitudes)


@body
def copy(out, values):
    for e in range(values.shape[0]):
        out[e] = values[e]


@compiled
def _forward_chunk(start, stop, weights, removed, table, inputs, gaps):
    """gaps[trial] of the tables of a dense network with relu and its inputs[d · B]."""
    width = table[0, steps.CHANNELS_IN]
    count = inputs.shape[0] // width
    size = width * width
    layer_weights, rest = np.empty(size, inputs.dtype), np.empty(size, inputs.dtype)
    where = np.empty(size + 1, np.int32)
    offsets = np.empty(width, np.int64)
    hidden, following = np.empty(2 * inputs.shape[0], inputs.dtype), np.empty(2 * inputs.shape[0], inputs.dtype)
    largest, totals = np.empty(count), np.empty(count)
    apart = inputs.shape[0]
    tap_offsets(offsets, table[0], count)
    for i in range(start, stop):
        copy(hidden, inputs)
        layer = 0
        for s in range(table.shape[0]):
            step = table[s]
            if step[steps.KIND] == steps.ACTIVATE:
                activate(following, hidden, step[steps.DETAIL], 0.0)
            else:
                row = layer * gaps.shape[0] + i
                copy(layer_weights, weights[row])
                correlate(following, layer_weights, width, hidden, offsets, step, count)
                take_out(layer_weights, rest, where, removed[row])
                correlate(
                    following[apart:], layer_weights, width, hidden[apart if layer else 0 :], offsets, step, count
                )
                layer += 1
            hidden, following = following, hidden
        gaps[i] = worst_gap(hidden, hidden[apart:], width, count, largest, totals)[0]


@compiled
def _norms_chunk(start, stop, weights, removed, width, found):
    """found[layer · trial, 2] of the weights and of what is removed."""
    size = width * width
    workspace = new_estimate_workspace(size, width, width, weights)
    layer_weights, rest = np.empty(size, weights.dtype), np.empty(size, weights.dtype)
    where = np.empty(size + 1, np.int32)
    for row in range(start, stop):
        copy(layer_weights, weights[row])
        found[row, 0] = spectral_estimate(layer_weights, False, width, width, workspace)
        few = take_out(layer_weights, rest, where, removed[row])
        rows = width if few < 0 else by_rows(workspace, where, few, width)
        found[row, 1] = spectral_estimate(rest if few < 0 else rest[:few], few >= 0, rows, width, workspace)


def has_gpu() -> bool:
    """Whether the package finds a GPU."""
    try:
        load_kernels("cuda")
    except InvalidArgument:
        return False
    return True


class Boundcheck:
    """With estimated norms."""

    name = "boundcheck"
    device = "cpu"
    norm_kind = "estimated"
    threads = (1, 2)
    knows_sparse = False

    def __init__(self, work) -> None:
        relu = [tables.RELU] * (work.layers - 1)
        table = steps.fully_connected([work.width] * (work.layers + 1), relu)
        limits = [-work.half_width, work.half_width, 0.0]
        laws = [tables.UNIFORM] * work.layers, [limits] * work.layers
        self.work = work
        self.network = table, np.zeros(len(table))
        self.draw = *laws, [tables.MAGNITUDE] * work.layers, [work.removed] * work.layers
        self.options = {"precision": work.precision, "norms": self.norm_kind}
        self.kernels = load_kernels(self.device, "network")

    def context(self, threads: int) -> AbstractContextManager:
        """Two threads of its own, or one in each of two Python threads."""
        set_thread_count(2 // threads)
        return nullcontext()

    def batches(self) -> tuple[int, ...]:
        return tuple(max(8, size // self.work.weights) for size in (2**21, 2**24))

    def variants(self, stage: str, sparse: bool) -> tuple[str, ...]:
        return ("",)

    def whole(self, batch: int, seed: int, sparse: bool, variants: Mapping[str, str]) -> object:
        network = *self.network, *self.draw
        return self.kernels.network_trials(7, seed * batch, batch, *network, self.work.inputs, **self.options)

    def measures(self, weights: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, ...]:
        """Gaps, norms of the weights and norms of what is removed, of given weights, in the whole's own kernel."""
        given = list(weights), list(masks)
        found = self.kernels.network_given(*given, *self.network, self.work.inputs, **self.options)
        if self.norm_kind == tables.ESTIMATED:
            return found.gap, *found.estimates.T
        return found.gap, found.norm_high[:, :, tables.TARGET].T, found.norm_high[:, :, tables.REMOVED].T


class StagedBoundcheck(Boundcheck):
    """The same, whose stages can be timed alone: each reads what another one wrote, which the whole need not."""

    def __init__(self, work) -> None:
        super().__init__(work)
        self.inputs = np.ascontiguousarray(work.inputs.T, work.dtype).reshape(-1)
        self.table = np.array(self.network[0])

    def given(self, weights: np.ndarray) -> np.ndarray:
        return weights.astype(self.work.dtype).reshape(-1, self.work.width**2)

    def batches(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((*self.work.batches, *super().batches())))

    def masks(self, weights: np.ndarray, removed: np.ndarray) -> np.ndarray:
        width = self.work.width
        return removed.reshape(self.work.layers, -1, width, width) != 0

    def sampling(self, batch: int, seed: int, variant: str) -> np.ndarray:
        weights = np.empty((self.work.layers * batch, self.work.width**2), self.work.dtype)
        in_chunks(_sampling_chunk, len(weights), weights, batch, np.uint64(seed * batch), self.work.half_width)
        return weights

    def selection(self, weights: np.ndarray, sparse: bool, variant: str) -> np.ndarray:
        removed = np.empty(weights.shape, np.uint8)
        in_chunks(_selection_chunk, len(weights), weights, removed, self.work.removed)
        return removed

    def forward(self, weights: np.ndarray, removed: np.ndarray, variant: str) -> np.ndarray:
        gaps = np.empty(len(weights) // self.work.layers)
        in_chunks(_forward_chunk, len(gaps), weights, removed, self.table, self.inputs, gaps)
        return gaps

    def norms(self, weights: np.ndarray, removed: np.ndarray, variant: str) -> tuple[np.ndarray, np.ndarray]:
        found = np.empty((len(weights), 2))
        in_chunks(_norms_chunk, len(weights), weights, removed, self.work.width, found)
        target, rest = found.reshape(self.work.layers, -1, 2).transpose(2, 0, 1)
        return target, rest


class CertifiedBoundcheck(Boundcheck):
    """With certified bounds of the target's, the kept and the removed norm in place of two estimates."""

    name = "boundcheck, certified"
    norm_kind = "certified"


class GpuBoundcheck(Boundcheck):
    """On a GPU."""

    name = "boundcheck, GPU"
    device = "cuda"

    def batches(self) -> tuple[int, ...]:
        return tuple(max(512, size // self.work.weights) for size in (2**26, 2**28))
