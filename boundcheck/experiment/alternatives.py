"""Networks whose weights, masks or activations are not those that a theorem assumes: one hypothesis is broken.

A :class:`World` breaks one and keeps the others. Draws are NumPy's Philox, counter-based: those of a trial depend on
the key and the trial alone, and all worlds of a theorem transform the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from boundcheck.errors import UnsupportedClaim
from boundcheck.experiment.arrays import Passes
from boundcheck.experiment.forward import Floats, forward, gaps, pulled_back
from boundcheck.experiment.passes import network_passes, network_steps
from boundcheck.kernels import tables
from boundcheck.statement.domain import number
from boundcheck.statement.laws import Exponential, Law, Normal, TruncatedNormal, TwoPoint, Uniform
from boundcheck.statement.layer import Activation, Layer, leaky_relu
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import BERNOULLI, MAGNITUDE, RANDOM, RANDOM_FILTERS, Pruned, Rule

SLOPE = 1000
"""Of the leaky ReLU that breaks a Lipschitz constant."""
SHIFT = 1000
"""What is added to activations, in units of the input radius."""
SPIKE = 1000
"""Factor of weights beyond a bound, one in :data:`SPIKES`."""
SPIKES = 10
INPUTS = 24
STARTS, STEPS = 2, 5
"""Inputs of each trial from which ascents begin, and their steps."""
_BATCH = 500_000
"""Weights, or values of a hidden state, that are held at a time."""
_MOST_STATES = 4_000_000
"""Values that hold one hidden state of a trial for all inputs."""
_WEIGHTS, _MARKS, _MASK, _SHARED, _BIASES = range(5)


@dataclass(frozen=True)
class LayerDraws:
    """The draws of one layer in T trials; D weights, laid out outputs first."""

    key: int
    trials: range
    place: int
    layer: Layer
    removed: int
    rule: Rule | None

    @property
    def outputs(self) -> int:
        """Number m of output channels."""
        return int(self.layer.outputs)

    @property
    def size(self) -> int:
        """Number D of weights."""
        return int(self.layer.size)

    def uniforms(self, purpose: int, count: int) -> Floats:
        """Uniform variables on (0, 1), shape (T, count)."""
        found = np.empty((len(self.trials), count))
        for row, trial in zip(found, self.trials, strict=True):
            counter = (trial << 192) | (self.place << 128) | (purpose << 64)
            np.random.Generator(np.random.Philox(key=self.key, counter=counter)).random(out=row)
        return found + 2.0**-54  # so that 0 is not among them

    @cached_property
    def weights(self) -> Floats:
        """What the theorem assumes: independent weights, shape (T, D)."""
        return quantiles(self.layer.weights, self.uniforms(_WEIGHTS, self.size))

    @property
    def biases(self) -> Floats | None:
        """What the theorem assumes: independent biases, shape (T, m), or None."""
        bias = self.layer.bias
        return None if bias is None else quantiles(bias, self.uniforms(_BIASES, self.outputs))

    @property
    def marks(self) -> Floats:
        """More uniform variables, one a weight, independent of the weights."""
        return self.uniforms(_MARKS, self.size)

    @property
    def shared(self) -> Floats:
        """One draw of the law of a weight, shape (T, 1)."""
        return quantiles(self.layer.weights, self.uniforms(_SHARED, 1))

    def removes(self, weights: Floats) -> NDArray[np.bool_]:
        """What the rule removes of these weights, shape (T, D)."""
        if self.rule is not None and self.rule.kind == BERNOULLI:
            return self.uniforms(_MASK, self.size) < number(self.rule.count(self.layer) / self.layer.size)
        if self.rule is None or self.removed == 0:
            return np.zeros(weights.shape, dtype=bool)
        if self.rule.kind == MAGNITUDE:
            return smallest(np.abs(weights), self.removed)
        if self.rule.kind == RANDOM:
            return smallest(self.uniforms(_MASK, self.size), self.removed)
        if self.rule.kind == RANDOM_FILTERS:
            return self._filters(self.uniforms(_MASK, self.outputs))
        return self._filters((self._by_filter(weights) ** 2).sum(axis=2))

    def removes_worst(self, weights: Floats) -> NDArray[np.bool_]:
        """As many, but the largest with their signs, in few channels; of filters, those with the largest sum."""
        if self.rule is None or self.removed == 0:
            return np.zeros(weights.shape, dtype=bool)
        if self.rule.structured:
            return self._filters(-self._by_filter(weights).sum(axis=2))
        terms = self.size // self.outputs
        channels = min(self.outputs, math.ceil(4 * self.removed / terms))
        ranks = -weights
        ranks[:, channels * terms :] = np.inf
        return smallest(ranks, self.removed)

    def _by_filter(self, weights: Floats) -> Floats:
        return weights.reshape(len(weights), self.outputs, -1)

    def _filters(self, ranks: Floats) -> NDArray[np.bool_]:
        terms = self.size // self.outputs
        return np.repeat(smallest(ranks, self.removed // terms), terms, axis=1)


def quantiles(law: Law, u: Floats) -> Floats:
    """The law's values at these levels; uniform levels give variables of the law.

    Raises
    ------
    UnsupportedClaim
        When weights of the law cannot be drawn.
    """
    match law:
        case Uniform(low, high):
            return number(low) + (number(high) - number(low)) * u
        case Normal(location, std):
            return np.asarray(number(location) + number(std) * ndtri(u))
        case TwoPoint(low, high, p):
            return np.where(u < number(p), number(high), number(low))
        case TruncatedNormal(std, cut):
            below = ndtr(-number(cut / std))
            return np.asarray(number(std) * ndtri(below + (1 - 2 * below) * u)).clip(-number(cut), number(cut))
        case Exponential(rate):
            return -np.log1p(-u) / number(rate)
    raise UnsupportedClaim(f"the law {law} cannot be simulated; use uniform, normal, … laws")


def balance(law: Law) -> float | None:
    """The c with E|w|; |w| > c equal to E|w|; |w| ≤ c, for a symmetric law without atoms; None where not known."""
    match law:
        case Uniform(_, high) if law.symmetric:
            return number(high) / math.sqrt(2)
        case Normal(_, std) if law.symmetric:
            return number(std) * math.sqrt(2 * math.log(2))
        case TruncatedNormal(std, cut):
            return number(std) * math.sqrt(-2 * math.log((1 + math.exp(-0.5 * number(cut / std) ** 2)) / 2))
    return None


def smallest(values: Floats, count: int) -> NDArray[np.bool_]:
    """Marks the `count` smallest of each row, ties by index; count ≥ 1."""
    last = np.partition(values, count - 1, axis=1)[:, count - 1 : count]
    below, ties = values < last, values == last
    return np.asarray(below | (ties & (np.cumsum(ties, axis=1) <= count - below.sum(axis=1, keepdims=True))))


def _as_assumed(draws: LayerDraws) -> Floats:
    return draws.weights


@dataclass(frozen=True)
class World:
    """What takes the place of one hypothesis; as it stands, none is broken."""

    words: str = "the theorem as it stands"
    weights: Callable[[LayerDraws], Floats] = _as_assumed
    worst_masks: bool | None = None
    """Whether masks are the worst of rules that are independent of the weights (True), or that go by them (False)."""
    activation: Activation | None = None
    shift: int = 0

    def network(self, network: Network) -> Network:
        """The target of this world, without what is added to activations."""
        if self.activation is None:
            return network
        layers = (
            replace(layer, after=tuple(self.activation if isinstance(s, Activation) else s for s in layer.after))
            for layer in network.layers
        )
        return Network(tuple(layers))


def dependent(draws: LayerDraws) -> Floats:
    """Breaks independence: one draw for a layer, and for a symmetric law its opposite in every second channel.

    Each weight has the law that is assumed, so that all that is said of single weights still holds; masks are drawn or
    chosen by the rule as ever. Layers stay independent of each other. The opposite lets ReLU pass half of the channels.
    """
    one = np.repeat(draws.shared, draws.size, axis=1)
    if draws.layer.weights.symmetric:
        one.reshape(len(one), draws.outputs, -1)[:, 1::2] *= -1
    return one


def moduli(draws: LayerDraws) -> Floats:
    """Breaks symmetry, of laws that have it: |w| for w. Weights stay independent; all that is said of |w| holds."""
    return np.abs(draws.weights) if draws.layer.weights.symmetric else draws.weights


def skewed(draws: LayerDraws) -> Floats:
    """Breaks symmetry but not mean 0: |w| above a level c and -|w| below it, c such that the mean is 0.

    Weights stay independent, and all that is said of |w| holds, the variance among it.
    """
    level = balance(draws.layer.weights) if draws.layer.weights.symmetric else None
    if level is None:
        return draws.weights
    modulus = np.abs(draws.weights)
    return np.where(modulus > level, modulus, -modulus)


def spiked(draws: LayerDraws, *, bounded: bool) -> Floats:
    """Breaks the bounds of laws that have any, or the tails of others: some weights are multiplied by 1000.

    Each is with probability 1/10, independently. Weights stay independent, of one law a layer, and symmetric if they
    were.
    """
    if (draws.layer.weights.supremum is not None) is not bounded:
        return draws.weights
    return np.where(draws.marks < 1 / SPIKES, float(SPIKE), 1.0) * draws.weights


def spiked_with_variance(draws: LayerDraws) -> Floats:
    """Breaks the bound, or the tails, but not the variance: few large weights, others divided by √2.

    A factor √((1 + q)/(2q)) has probability q, and 1/√2 has 1 - q, so that the mean of its square is 1. As in
    :func:`spiked` for the rest. q is such that a layer has about one large weight for every two that a random rule
    removes, where rules are random, or for every two channels.
    """
    random = draws.rule is not None and draws.rule.independent and draws.removed
    largest = max(draws.outputs, draws.size // draws.outputs)
    q = 1 / (2 * (draws.removed if random else largest))
    return np.where(draws.marks < q, math.sqrt((1 + q) / (2 * q)), math.sqrt(0.5)) * draws.weights


STEEP = leaky_relu(SLOPE)
"""Breaks the Lipschitz constant and fixes 0."""


@dataclass(frozen=True)
class AlteredTrials:
    """What trials in a world showed at one batch of T trials; arguments of the rounding allowance among it."""

    first: int
    gap: Floats
    absolute: Floats
    passes: Passes
    offsets: Floats
    biases: Floats
    """Upper bounds of the norms of what biases add, shape (T, layers)."""


def altered_trials(
    pruned: Pruned, world: World, trials: int, *, radius: float, key: int, fixed: int | None = None
) -> Iterator[AlteredTrials]:
    """Run a network without free parameters in a world, batch by batch.

    Parameters
    ----------
    pruned, world
        What a theorem assumes, and what is changed of it.
    trials
        How often weights and masks are drawn.
    radius
        Of the input ball. Inputs are points close to its sphere: constant and first-coordinate ones, random ones, and
        in each trial those that a few steps of gradient ascent reach from the best of them.
    key
        Of the draws, from :func:`boundcheck.experiment.plan.draw_key`.
    fixed
        Number of inputs, where these are fixed: there is no ascent from them then.
    """
    network = world.network(pruned.target)
    table, slopes = network_steps(network)
    reach = radius * (1 - 1e-12)
    inputs = _inputs(network, reach, key, fixed)
    shift = world.shift * radius
    passes, offsets = network_passes(network, tables.DOUBLE), np.array([_offset(x, shift) for x in network.layers])
    if shift:  # an addition is one rounding more for each activation
        passes = replace(passes, roundings=2 * passes.roundings)
    batch = max(1, _BATCH // max(network.size, network.largest_state * inputs.shape[1]))
    for first in range(0, trials, batch):
        part = range(first, min(first + batch, trials))
        target, kept, biases = [], [], []
        for i, layer in enumerate(pruned.target.layers):
            draws = LayerDraws(key, part, i, layer, int(pruned.removed(i)), pruned.rules[i])
            weights = world.weights(draws)
            worst = draws.rule is not None and draws.rule.independent is world.worst_masks
            removed = (draws.removes_worst if worst else draws.removes)(weights)
            shape = len(part), draws.outputs, -1
            target.append(weights.reshape(shape))
            kept.append(np.where(removed, 0.0, weights).reshape(shape))
            biases.append(draws.biases)
        pair = _Pair(table, slopes, target, kept, shift, biases)
        gap = _largest_gaps(pair, inputs, reach, STEPS if fixed is None else 0)
        absolute = [_absolute(w, layer) for w, layer in zip(target, network.layers, strict=True)]
        added = [_added(c, layer, len(part)) for c, layer in zip(biases, network.layers, strict=True)]
        yield AlteredTrials(first, gap, np.stack(absolute, axis=1), passes, offsets, np.stack(added, axis=1))


@dataclass(frozen=True)
class _Pair:
    """T targets and pruned networks."""

    table: NDArray[np.int64]
    slopes: Floats
    target: Sequence[Floats]
    kept: Sequence[Floats]
    shift: float
    biases: Sequence[Floats | None]

    def outputs(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Of the targets and of the pruned networks."""
        target, kept = (
            forward(self.table, self.slopes, weights, inputs, shift=self.shift, biases=self.biases)
            for weights in (self.target, self.kept)
        )
        return target, kept

    def ascent(self, inputs: Floats, apart: Floats) -> Floats:
        """The gradient of half the squared gap, where outputs are so far apart."""
        target, kept = (
            pulled_back(self.table, self.slopes, weights, inputs, apart, shift=self.shift, biases=self.biases)
            for weights in (self.target, self.kept)
        )
        return target - kept


def _added(biases: Floats | None, layer: Layer, trials: int) -> Floats:
    """Upper bounds of the norms of what biases add to all cells, shape (T,)."""
    if biases is None:
        return np.zeros(trials)
    return np.asarray(np.linalg.norm(biases, axis=1) * math.sqrt(int(layer.cells)) * (1 + 1e-9))


def _largest_gaps(pair: _Pair, inputs: Floats, reach: float, steps: int) -> Floats:
    """The largest gap at the inputs, and along ascents that begin at the best of them, shape (T,)."""
    target, kept = pair.outputs(inputs[np.newaxis])
    distances = gaps(target, kept)
    found = distances.max(axis=1)
    best = np.argsort(-distances, axis=1, kind="stable")[:, :STARTS]
    points = inputs.T[best].swapaxes(1, 2)
    apart = np.take_along_axis(target - kept, best[:, np.newaxis], axis=2)
    for _ in range(steps):
        points = _on_sphere(pair.ascent(points, apart), reach, points)
        target, kept = pair.outputs(points)
        apart = target - kept
        found = np.maximum(found, gaps(target, kept).max(axis=1))
    return found


def _on_sphere(points: Floats, reach: float, otherwise: Floats) -> Floats:
    """Points of shape (…, dimension, B) moved to norm `reach`, up to rounding; where they have no direction, others."""
    scale = np.abs(points).max(axis=-2, keepdims=True)
    usable = np.isfinite(scale) & (scale > 0)
    scaled = np.divide(points, scale, out=np.zeros_like(points), where=usable)
    norm = np.sqrt((scaled**2).sum(axis=-2, keepdims=True))
    return np.where(usable, np.divide(scaled, norm, out=np.zeros_like(points), where=usable) * reach, otherwise)


def _inputs(network: Network, reach: float, key: int, fixed: int | None) -> Floats:
    """Points of norm `reach` up to rounding, shape (dimension, B)."""
    first = network.layers[0]
    rows, columns = first.window.grid
    dimension = int(first.inputs) * rows * columns
    count = max(4, min(INPUTS, _MOST_STATES // network.largest_state)) if fixed is None else fixed
    generator = np.random.Generator(np.random.Philox(key=key, counter=(1 << 255)))
    points = ndtri(generator.random((dimension, count)) + 2.0**-54)
    special = np.zeros((dimension, 4))
    special[:, 0], special[:, 1], special[0, 2], special[0, 3] = 1.0, -1.0, 1.0, -1.0
    points[:, :4] = special[:, :count]
    return _on_sphere(points, reach, points)


def _offset(layer: Layer, shift: float) -> float:
    """An upper bound of the norm of what is added to activations of a layer, times constants of at least 1."""
    rows, columns = layer.window.output_grid
    cells = float(layer.outputs) * rows * columns
    total = 0.0
    for step in layer.after:
        total *= max(1.0, number(step.lipschitz) * (1 + 1e-12))
        if isinstance(step, Activation):
            total += shift * math.sqrt(cells) * (1 + 1e-12)
        else:
            rows, columns = step.window.output_grid
            cells = float(layer.outputs) * rows * columns
    return total


def _absolute(weights: Floats, layer: Layer) -> Floats:
    """Upper bounds of ‖Σ |W_tap|‖_F, shape (T,)."""
    taps = int(layer.taps)
    sums = np.abs(weights).reshape(len(weights), -1, taps).sum(axis=2)
    return np.asarray(np.sqrt((sums**2).sum(axis=1)) * (1 + 1e-9))
