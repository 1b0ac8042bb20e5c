"""One network drawn from its laws and pruned by its rules, for whoever measures it with code of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcheck.errors import InvalidArgument
from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.device import load_kernels
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.statement.layer import Layer
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import Pruned
from boundcheck.statement.shown import Shown
from boundcheck.statement.window import SINGLE

Arrays = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, eq=False)
class NetworkDraw(Shown):
    """Weights, masks and biases of every layer; make one with :func:`draw_network`.

    Attributes
    ----------
    pruned, seed
        What they were drawn from.
    weights
        One array a layer: [m, n] of a dense layer, [m, n, p, q] of a convolution; outputs come first.
    masks
        One array of the same shape a layer, 1 where a weight is removed.
    biases
        One array [m] or None a layer.
    """

    pruned: Pruned
    seed: int
    weights: Arrays
    masks: tuple[NDArray[np.uint8], ...]
    biases: tuple[NDArray[np.float64] | None, ...]

    @property
    def target(self) -> Network:
        """The network that is pruned."""
        return self.pruned.target

    @property
    def kept(self) -> Arrays:
        """The weights with those that are removed set to 0."""
        return tuple(np.where(mask, 0.0, w) for w, mask in zip(self.weights, self.masks, strict=True))

    @property
    def removed(self) -> Arrays:
        """The weights with those that are kept set to 0."""
        return tuple(np.where(mask, w, 0.0) for w, mask in zip(self.weights, self.masks, strict=True))

    def __repr__(self) -> str:
        return f"draw_network({self.pruned}, seed={self.seed})"


def weight_shape(layer: Layer) -> tuple[int, ...]:
    """Shape of a layer's weights: [m, n] of a dense layer, [m, n, p, q] of a convolution."""
    shape = (int(layer.outputs), int(layer.inputs))
    return shape if layer.window == SINGLE else (*shape, *layer.window.kernel)


def draw_network(pruned: Pruned | Network, *, seed: int) -> NetworkDraw:
    """Draw the weights of a network and prune it, with the kernels that `boundcheck check` runs.

    Parameters
    ----------
    pruned
        Made by ``prune(target, rule)``, or a network that nothing is removed from; with numbers for all parameters.
    seed
        A non-negative integer: the result is a function of it and of the specification.

    Raises
    ------
    InvalidArgument
        When a parameter is free, the seed is negative, or a law is outside the range of floats.
    UnsupportedClaim
        When a law cannot be simulated.

    Examples
    --------
    >>> from boundcheck import fcn, magnitude, prune, uniform
    >>> drawn = draw_network(prune(fcn([3, 2], weights=uniform(-1, 1)), magnitude(count=4)), seed=0)
    >>> drawn.weights[0].shape, int(drawn.masks[0].sum())
    ((2, 3), 4)
    """
    if isinstance(pruned, Network):
        pruned = Pruned(pruned, (None,) * pruned.depth)
    if not isinstance(pruned, Pruned):
        raise InvalidArgument("pruned", pruned, "is not a pruned network", "make it with prune(target, rule)")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidArgument("seed", seed, "is not a seed", "pass an integer of at least 0")
    if pruned.parameters:
        names = ", ".join(sorted(p.name for p in pruned.parameters))
        raise InvalidArgument("pruned", str(pruned), f"has free parameters: {names}", "put numbers in with .at({…})")
    take = load_kernels("cpu", "layer").layer_draw
    plan = network_plan(pruned, 1.0, key=draw_key(seed, "draw_network", str(pruned)), inputs=1)
    weights, masks = [], []
    for i, layer in enumerate(pruned.target.layers):
        shape = weight_shape(layer)
        size = shape[0], math.prod(shape[1:])
        drawn = take(plan.key, 0, i, *size, plan.laws[i], plan.law_parameters[i], plan.rules[i], plan.removed[i])
        weights.append(drawn.weights.reshape(shape))
        masks.append(drawn.removed.reshape(shape))
    return NetworkDraw(pruned, seed, tuple(weights), tuple(masks), _biases(pruned.target, plan))


def _biases(target: Network, plan: NetworkPlan) -> tuple[NDArray[np.float64] | None, ...]:
    """As the trial 0 of the plan has them."""
    if not plan.has_biases:
        return (None,) * target.depth
    drawn = load_kernels("cpu", "network").network_draws(
        plan.key,
        [0],
        plan.steps,
        plan.laws,
        plan.law_parameters,
        plan.rules,
        plan.removed,
        bias_laws=plan.bias_laws,
        bias_parameters=plan.bias_parameters,
    )
    ends = np.cumsum([int(layer.outputs) for layer in target.layers])[:-1]
    columns = np.split(drawn.biases[0], ends)
    return tuple(None if x.bias is None else column for x, column in zip(target.layers, columns, strict=True))
