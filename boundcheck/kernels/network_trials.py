"""The functions that the package calls for trials of networks, whatever device runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import ByteArray, FloatArray, IntArray
from .launch import floats, integers, key_word
from .layer_bodies import LayerSource
from .network_bodies import is_matrix, term_count
from .steps import CHANNELS_OUT, COLUMNS_OUT, KIND, LINEAR, ROWS_OUT
from .tables import CERTIFIED, DOUBLE, ESTIMATED, KEEP_ALL, NO_BIAS, NUMBERS, SINGLE
from .trial_bodies import Measured, Network, NetworkSource, layer_source


class NetworkTrials(NamedTuple):
    """What T trials of a network with l linear steps showed; axis -1 of the norms is the part."""

    gap: FloatArray  # [T] max over the inputs of the Euclidean distance of the outputs; may be nan
    worst_input: IntArray  # [T] the first input that attains it
    norm_low: FloatArray  # [T, l, 3] certified lower bounds of norms: target, kept, removed; 0 if nothing is known
    norm_high: FloatArray  # [T, l, 3] certified upper bounds of the same, of the circular operators
    absolute: FloatArray  # [T, l] upper bounds of ‖Σ |W_tap|‖_F of the target, one tap in a dense layer
    tau: FloatArray  # [T, l] the (k+1)-th smallest |weight|, k weights being removed; inf if none is left
    estimates: FloatArray  # [T, l, 2] of the norms of target and removed part if these are estimated, else [0, l, 2]
    biases: FloatArray  # [T, l] upper bounds of the norms of what biases add to hidden states


class NetworkDraws(NamedTuple):
    """The weights of T networks as trials see them, all layers in a row, input side first."""

    weights: FloatArray  # [T, D]
    removed: ByteArray  # [T, D], 1 where pruned
    biases: FloatArray  # [T, outputs of all layers] before any rounding to single precision, or [T, 0]


class NetworkKernels(ABC):
    """Trials of networks on one device."""

    @abstractmethod
    def run(self, source: NetworkSource, network: Network, measured: Measured) -> Measured:
        """Run as many trials as `measured` has rows; it has the shapes and types of the result, and may be it."""

    @abstractmethod
    def bounds(
        self, trials: int, source: LayerSource, step: IntArray, alone: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Bounds low[T, 3], high[T, 3] and absolute[T] of one linear step, which may be the only one.

        Where the step is only a part of the circular operator, lower bounds are 0; but that of what is removed is known
        if the step stands alone.
        """

    @abstractmethod
    def layers(self, trials: int, source: LayerSource, m: int, size: int) -> tuple[FloatArray, ByteArray]:
        """The weights[T, size] and masks[T, size] of a layer of m filters."""

    def network_trials(
        self,
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
        bias_laws: npt.ArrayLike | None = None,
        bias_parameters: npt.ArrayLike | None = None,
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
            of whole filters; of BERNOULLI the probability of each in units of 2^-32.
        inputs
            [B, channels · rows · columns of the first step], B >= 1, shared by all trials.
        precision
            DOUBLE, or SINGLE: weights, as drawn in double precision, and inputs are rounded to single precision, in
            which the forward passes run. Certified norms are those of the rounded weights.
        norms
            CERTIFIED, or ESTIMATED: of a layer that is one matrix, norms are estimated (see `estimate_bodies`) and
            nothing is certified; other layers are certified as ever, and their estimates are 0.
        bias_laws, bias_parameters
            [l] codes, NO_BIAS among them, and [l, 3] parameters of the laws of biases, one for each output of a layer,
            which both networks have; None where no layer has any.

        Returns
        -------
        NetworkTrials
            Arrays of `trials` rows. Lower bounds are known of linear steps that are EXACT, and of what is removed in a
            network of one step. `tau` is an order statistic of |W| whatever the rule, but infinite where filters go.
        """
        source = _drawn(key, first_trial, laws, law_parameters, rules, removed_counts, precision)
        biases = self._drawn_biases(trials, source, integers(steps), bias_laws, bias_parameters)
        return self._measure(trials, source, steps, slopes, inputs, norms, biases)

    def _drawn_biases(
        self,
        trials: int,
        source: NetworkSource,
        steps: IntArray,
        laws: npt.ArrayLike | None,
        parameters: npt.ArrayLike | None,
    ) -> FloatArray:
        """[T, outputs of all layers], or [T, 0]: those of layer i of l are drawn as the weights of a layer l + i."""
        if laws is None or parameters is None or all(law == NO_BIAS for law in integers(laws)):
            return np.zeros((trials, 0))
        linear, codes, table = _linear_steps(steps), integers(laws), floats(parameters).reshape(-1, 3)
        found = []
        for i, step in enumerate(linear):
            m = int(step[CHANNELS_OUT])
            if codes[i] == NO_BIAS:
                found.append(np.zeros((trials, m)))
                continue
            one = LayerSource(
                source.key,
                source.first_trial,
                len(linear) + i,
                codes[i],
                table[i],
                KEEP_ALL,
                0,
                np.empty((0, 0)),
                np.empty((0, 0), np.uint8),
                0,
                False,
            )
            found.append(self.layers(trials, one, m, m)[0])
        return np.concatenate(found, axis=1)

    def network_draws(
        self,
        key: int,
        trials: npt.ArrayLike,
        steps: npt.ArrayLike,
        laws: npt.ArrayLike,
        law_parameters: npt.ArrayLike,
        rules: npt.ArrayLike,
        removed_counts: npt.ArrayLike,
        *,
        precision: str = DOUBLE,
        bias_laws: npt.ArrayLike | None = None,
        bias_parameters: npt.ArrayLike | None = None,
    ) -> NetworkDraws:
        """The weights, masks and biases that `network_trials` sees in some trials.

        Parameters
        ----------
        trials
            [T] numbers of trials.
        key, steps, laws, law_parameters, rules, removed_counts, precision, bias_laws, bias_parameters
            As for `network_trials`.
        """
        source = _drawn(key, 0, laws, law_parameters, rules, removed_counts, precision)
        linear = _linear_steps(integers(steps))
        sizes = [int(step[CHANNELS_OUT] * term_count(step)) for step in linear]
        wanted = np.asarray(trials, dtype=np.uint64)
        draws = np.empty((len(wanted), sum(sizes))), np.empty((len(wanted), sum(sizes)), np.uint8)
        biases = []
        for row, trial in enumerate(wanted):
            offset = 0
            for i, size in enumerate(sizes):
                part = slice(offset, offset + size)
                one = layer_source(source._replace(first_trial=trial), i, offset)
                weights, removed = self.layers(1, one, int(linear[i][CHANNELS_OUT]), size)
                draws[0][row, part], draws[1][row, part] = weights[0], removed[0]
                offset += size
            one_trial = source._replace(first_trial=trial)
            biases.append(self._drawn_biases(1, one_trial, integers(steps), bias_laws, bias_parameters))
        return NetworkDraws(*draws, np.concatenate(biases) if biases else np.zeros((0, 0)))

    def network_given(
        self,
        weights: Sequence[npt.ArrayLike],
        removed: Sequence[npt.ArrayLike],
        steps: npt.ArrayLike,
        slopes: npt.ArrayLike,
        inputs: npt.ArrayLike,
        *,
        precision: str = DOUBLE,
        norms: str = CERTIFIED,
        biases: npt.ArrayLike | None = None,
    ) -> NetworkTrials:
        """`network_trials` for weights and masks that the caller supplies.

        Parameters
        ----------
        weights, removed
            One array [T, m, n] or [T, m, n, p, q] a layer, input side first; removed is 1 where a weight is pruned,
            else 0.
        steps, slopes, inputs, precision, norms
            As for `network_trials`.
        biases
            [T, outputs of all layers], or None where there are none.
        """
        trials = len(np.asarray(weights[0]))
        unused = np.zeros(len(weights), np.int64)
        source = NetworkSource(
            np.uint64(0),
            np.uint64(0),
            unused,
            np.zeros((len(weights), 3)),
            unused,
            unused,
            np.concatenate([floats(w).reshape(trials, -1) for w in weights], axis=1),
            np.concatenate([np.asarray(r, dtype=np.uint8).reshape(trials, -1) for r in removed], axis=1),
            precision == SINGLE,
        )
        added = np.zeros((trials, 0)) if biases is None else floats(biases)
        return self._measure(trials, source, steps, slopes, inputs, norms, added)

    def _measure(
        self,
        trials: int,
        source: NetworkSource,
        steps: npt.ArrayLike,
        slopes: npt.ArrayLike,
        inputs: npt.ArrayLike,
        norms: str,
        biases: FloatArray,
    ) -> NetworkTrials:
        table = integers(steps)
        linear = _linear_steps(table)
        layers = len(linear)
        points = np.asarray(inputs)
        number = NUMBERS[SINGLE if source.single else DOUBLE]
        network = Network(
            table,
            floats(slopes),
            np.array(points.T, dtype=number, order="C").reshape(-1),
            len(points),
            np.array(biases, dtype=number, order="C"),
        )
        measured = self.run(
            source,
            network,
            Measured(
                np.empty(trials),
                np.empty(trials, np.int64),
                np.empty((trials, layers)),
                np.zeros((trials if norms == ESTIMATED else 0, layers, 2)),
            ),
        )
        low, high = np.zeros((trials, layers, 3)), np.full((trials, layers, 3), np.inf)
        absolute = np.full((trials, layers), np.inf)
        offset = 0
        for i, step in enumerate(linear):
            if norms != ESTIMATED or not is_matrix(step):
                found = self.bounds(trials, layer_source(source, i, offset), step, len(table) == 1)
                low[:, i], high[:, i], absolute[:, i] = found
            offset += int(step[CHANNELS_OUT] * term_count(step))
        added = _norms_of_biases(biases, linear)
        return NetworkTrials(
            measured.gap, measured.worst_input, low, high, absolute, measured.tau, measured.estimates, added
        )


def _norms_of_biases(biases: FloatArray, linear: IntArray) -> FloatArray:
    """Upper bounds [T, l] of the norms of what biases [T, outputs of all layers] add: one number to a whole grid."""
    found = np.zeros((len(biases), len(linear)))
    unit = 0
    for i, step in enumerate(linear if biases.shape[1] else linear[:0]):
        m = int(step[CHANNELS_OUT])
        own = biases[:, unit : unit + m]
        unit += m
        largest = np.abs(own).max(axis=1)
        scaled = np.divide(own, largest[:, np.newaxis], out=np.zeros_like(own), where=largest[:, np.newaxis] > 0)
        cells = float(step[ROWS_OUT] * step[COLUMNS_OUT])
        # Squares of scaled numbers do not overflow, and what underflows is far below the rounding that is added.
        found[:, i] = largest * np.sqrt(np.square(scaled).sum(axis=1) * cells) * (1 + (m + 16) * 2.0**-52)
    return found


def _linear_steps(table: IntArray) -> IntArray:
    return table[table[:, KIND] == LINEAR]


def _drawn(
    key: int,
    first_trial: int,
    laws: npt.ArrayLike,
    law_parameters: npt.ArrayLike,
    rules: npt.ArrayLike,
    removed_counts: npt.ArrayLike,
    precision: str,
) -> NetworkSource:
    """A source that draws."""
    return NetworkSource(
        key_word(key),
        np.uint64(first_trial),
        integers(laws),
        floats(law_parameters).reshape(-1, 3),
        integers(rules),
        integers(removed_counts),
        np.empty((0, 0)),
        np.empty((0, 0), np.uint8),
        precision == SINGLE,
    )
