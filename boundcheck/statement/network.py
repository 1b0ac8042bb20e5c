"""Specifications of fully-connected and convolutional networks: chains of layers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sympy import Expr, S

from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Parameter, Point, exact
from boundcheck.statement.laws import Law
from boundcheck.statement.layer import (
    Activation,
    Convolution,
    Layer,
    LayerWeights,
    check_width,
    dense,
    each,
    named_activation,
)
from boundcheck.statement.shown import Shown
from boundcheck.statement.window import POINT, SINGLE, Pair, Pooling, pair, words

WeightSpec: TypeAlias = LayerWeights | Sequence[Law]


@dataclass(frozen=True)
class Network(Shown):
    """A chain of layers; make one with :func:`fcn` or :func:`cnn`."""

    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the network."""
        return frozenset().union(*(layer.parameters for layer in self.layers))

    @property
    def depth(self) -> int:
        """Number of linear layers."""
        return len(self.layers)

    @property
    def has_biases(self) -> bool:
        """Whether some layer has biases."""
        return any(layer.bias is not None for layer in self.layers)

    @property
    def size(self) -> int:
        """Number of weights of a network without free parameters."""
        return sum(int(layer.size) for layer in self.layers)

    @property
    def products(self) -> int:
        """Number of multiplications by weights in one forward pass of a network without free parameters."""
        cells = (layer.window.output_grid for layer in self.layers)
        return sum(int(layer.size) * rows * columns for layer, (rows, columns) in zip(self.layers, cells, strict=True))

    @property
    def largest_state(self) -> int:
        """Largest number of values between two steps of a network without free parameters."""
        first = self.layers[0]
        cells = [first.inputs * first.window.grid[0] * first.window.grid[1]]
        for layer in self.layers:
            rows, columns = layer.window.output_grid  # pooling has hardly more
            cells.append(layer.outputs * rows * columns)
        return max(map(int, cells))

    @property
    def lipschitz(self) -> Expr:
        """Product Λ of the Lipschitz constants of activations and pooling."""
        product = S.One
        for layer in self.layers:
            product *= layer.lipschitz
        return product

    def at(self, point: Point) -> Network:
        """The network with numbers put in for parameters."""
        return Network(tuple(layer.at(point) for layer in self.layers))

    def __str__(self) -> str:
        laws = each(str(layer.weights) for layer in self.layers)
        if self.has_biases:
            laws += f", biases {each(str(layer.bias) for layer in self.layers)}"
        first = self.layers[0]
        if all(layer.window == SINGLE for layer in self.layers):
            widths = "-".join(str(width) for width in (first.inputs, *(layer.outputs for layer in self.layers)))
            activations = each(", ".join(map(str, layer.after)) or "identity" for layer in self.layers[:-1])
            return f"fcn({', '.join(part for part in (widths, laws, activations) if part)})"
        shape = f"{first.inputs}×{words(first.window.grid)}"
        return f"cnn({' - '.join([shape, *(layer.words for layer in self.layers)])}; {laws})"


def _items(name: str, value: Any, remedy: str) -> list[Any]:
    try:
        return list(value)
    except TypeError:
        raise InvalidArgument(name, value, "is not a sequence", remedy) from None


def _chain(layers: Iterable[Layer]) -> Network:
    """A network of these layers; an activation after the last one is not applied."""
    found = list(layers)
    while found[-1].after and isinstance(found[-1].after[-1], Activation):
        found[-1] = replace(found[-1], after=found[-1].after[:-1])
    return Network(tuple(found))


def fcn(
    widths: Sequence[Any],
    *,
    weights: WeightSpec | None = None,
    activation: Any = "relu",
    biases: WeightSpec | Sequence[Law | None] | None = None,
) -> Network:
    """A fully-connected network.

    Parameters
    ----------
    widths
        Input width first, output width last; or a sequence of :func:`dense` layers, which then carry their own
        weights and activations.
    weights
        One law for all layers, a sequence of one law a layer, or a function (outputs, inputs) -> law such as
        ``scaled(uniform(-1, 1))``.
    activation
        After every layer but the last: one name for all or a sequence of names.
    biases
        What is added to the outputs of layers and never pruned: one law for all, a sequence of one law or None a layer,
        or a function as for `weights`; None for no biases.

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer, or the numbers of layers, laws and activations disagree.

    Examples
    --------
    >>> from boundcheck import scaled, uniform
    >>> print(fcn([64, 256, 32], weights=scaled(uniform(-1, 1))))
    fcn(64-256-32, uniform(-1/16, 1/16), relu)
    """
    items = _items("widths", widths, "pass a sequence such as [64, 256, 32]")
    if items and all(isinstance(item, Layer) for item in items):
        for name, own in (("weights", weights), ("biases", biases)):
            if own is not None:
                raise InvalidArgument(name, own, "stands beside layers that have their own", "leave it out")
        for layer in items:
            if layer.window != SINGLE:
                raise InvalidArgument("widths", layer.words, "is a convolution", "make the network with cnn(…)")
        for before, after in itertools.pairwise(items):
            if before.outputs != after.inputs:
                raise InvalidArgument(
                    "widths",
                    after.inputs,
                    f"does not take the {before.outputs} outputs before it",
                    "match the widths",
                )
        return _chain(items)
    if len(items) < 2:
        raise InvalidArgument("widths", widths, "names no layer", "pass at least an input and an output width")
    sizes = [exact("widths", item) for item in items]
    for size in sizes:
        check_width("widths", size)
    depth = len(sizes) - 1
    if weights is None:
        raise InvalidArgument("weights", weights, "is missing", "pass a law such as uniform(-1, 1)")
    activations = (
        [activation] * (depth - 1)
        if isinstance(activation, str | Activation)
        else _items("activation", activation, "pass a name such as relu, or one a layer")
    )
    if len(activations) != depth - 1:
        raise InvalidArgument(
            "activation", activation, f"names {len(activations)} activations", f"pass one, or {depth - 1}"
        )
    if isinstance(weights, Law) or callable(weights):
        laws: list[Any] = [weights] * depth
    else:
        laws = _items("weights", weights, "pass a law such as uniform(-1, 1)")
    if len(laws) != depth:
        raise InvalidArgument("weights", weights, f"names {len(laws)} laws", f"pass one, or {depth}")
    one_for_all = biases is None or isinstance(biases, Law) or callable(biases)
    added: list[Any] = [biases] * depth if one_for_all else _items("biases", biases, "pass a law such as normal(0, 1)")
    if len(added) != depth:
        raise InvalidArgument("biases", biases, f"names {len(added)} laws", f"pass one, or {depth}")
    return _chain(
        dense(n, m, weights=law, activation=act, bias=bias)
        for n, m, law, act, bias in zip(sizes, sizes[1:], laws, [*activations, "identity"], added, strict=False)
    )


@dataclass(frozen=True)
class Flatten:
    """The step from channels on a grid to one vector; make one with :func:`flatten`."""


def flatten() -> Flatten:
    """Read the channels, rows and columns of a grid, in this order, as the inputs of a dense layer."""
    return Flatten()


def cnn(input_shape: Sequence[Any], steps: Sequence[Any]) -> Network:
    """A convolutional network.

    Parameters
    ----------
    input_shape
        Channels, height and width of an input.
    steps
        In order: :func:`conv` and :func:`dense` layers, :func:`average_pool` and :func:`max_pool`, names of activations
        (beside those that layers bring), and :func:`flatten` between a grid and a dense layer. An activation that ends
        the network is not applied.

    Raises
    ------
    InvalidArgument
        When a step does not take what the one before it hands on.

    Examples
    --------
    >>> from boundcheck import average_pool, conv, dense, flatten, scaled, uniform
    >>> w = scaled(uniform(-1, 1))
    >>> print(cnn((1, 8, 8), [conv(1, 4, 3, weights=w), average_pool(2), flatten(), dense(36, 10, weights=w)]))
    cnn(1×8×8 - conv 4 (3×3), relu, average_pool(2×2) - 10; uniform(-1/6, 1/6))
    """
    chain = chain_of(input_shape)
    for step in _items("steps", steps, "pass a list such as [conv(…), flatten(), dense(…)]"):
        chain.take(step)
    return chain.network()


def chain_of(input_shape: Any) -> Chain:
    """A chain without steps yet, for inputs of (channels, height, width)."""
    shape = _items("input_shape", input_shape, "pass (channels, height, width)")
    if len(shape) != 3:
        raise InvalidArgument("input_shape", input_shape, "is no shape of an image", "pass (channels, height, width)")
    try:
        grid = pair("input_shape", shape[1:], 1)
    except InvalidArgument:
        raise InvalidArgument(
            "input_shape",
            input_shape,
            "has no height and width that are integers of at least 1",
            "pass (channels, height, width)",
        ) from None
    return Chain(exact("input_shape", shape[0]), grid)


class Chain:
    """A network in the making: puts each step onto the channels and the grid that the steps before hand on."""

    def __init__(self, channels: Expr, grid: Pair) -> None:
        check_width("input_shape", channels)
        self.channels = channels
        self.grid = grid
        self.layers: list[Layer] = []
        self.flat = False

    def network(self) -> Network:
        """The network of the steps taken so far."""
        if not self.layers:
            raise InvalidArgument("steps", [], "hold no layer", "pass at least one conv(…) or dense(…)")
        return _chain(self.layers)

    def take(self, step: Any) -> None:
        """Add a step; see :func:`cnn`."""
        if isinstance(step, Convolution):
            if self.flat:
                raise InvalidArgument(
                    "steps",
                    str(step),
                    "has no grid to slide over, which ended before",
                    "put it before flatten and dense",
                )
            self._matches(step.inputs, str(step))
            self._add(step.on(self.grid))
        elif isinstance(step, Layer):
            if self.grid != POINT:
                raise InvalidArgument(
                    "steps",
                    step.words,
                    f"is dense and stands on a grid of {words(self.grid)}",
                    "put a flatten before it",
                )
            self._matches(step.inputs, f"dense({step.inputs}, {step.outputs})")
            self._add(step)
            self.flat = True
        elif isinstance(step, Flatten):
            self.channels, self.grid, self.flat = self.channels * self.grid[0] * self.grid[1], POINT, True
        elif isinstance(step, Pooling):
            pool = step.on(self.grid)
            self._append(pool)
            self.grid = pool.window.output_grid
        elif isinstance(step, str | Activation):
            self._append(named_activation(step))
        else:
            raise InvalidArgument(
                "steps", step, "is no step of a network", "pass conv(…), dense(…), pooling, flatten() or an activation"
            )

    def _matches(self, inputs: Expr, name: str) -> None:
        if (inputs - self.channels).expand() != 0:
            raise InvalidArgument(
                "steps", name, f"does not take the {self.channels} channels before it", f"give it {self.channels}"
            )

    def _add(self, layer: Layer) -> None:
        self.layers.append(layer)
        self.channels, self.grid = layer.outputs, layer.grid

    def _append(self, step: Any) -> None:
        if not self.layers:
            raise InvalidArgument(
                "steps", str(step), "comes before the first layer with weights", "begin with conv or dense"
            )
        self.layers[-1] = self.layers[-1].followed_by(step)
