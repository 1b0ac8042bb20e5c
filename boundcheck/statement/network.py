"""Specifications of fully-connected networks: layers, shapes, weight laws, activations."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sympy import Expr, Max, S, sqrt

from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.laws import Law


@dataclass(frozen=True)
class Activation:
    """An elementwise Lipschitz map that fixes 0."""

    name: str
    lipschitz: Expr = S.One
    slope: Expr = S.Zero
    """Slope on the negative side (leaky ReLU only)."""

    def __str__(self) -> str:
        return self.name if self.name != "leaky_relu" else f"leaky_relu({self.slope})"


IDENTITY = Activation("identity")
_BY_NAME = {a.name: a for a in (IDENTITY, Activation("relu"), Activation("tanh"))}


def leaky_relu(slope: Any = 0.01) -> Activation:
    """max(x, slope·x) for slope ≤ 1; Lipschitz constant max(1, |slope|).

    Raises
    ------
    InvalidArgument
        When the slope is not a finite number.
    """
    slope = exact("slope", slope)
    if not (slope.is_number and slope.is_finite):
        raise InvalidArgument("slope", slope, "is not a finite number", "pass a number such as 0.01")
    return Activation("leaky_relu", lipschitz=Max(S.One, abs(slope)), slope=slope)


def named_activation(value: Any) -> Activation:
    """The activation named: "relu", "leaky_relu", "leaky_relu:0.2", "tanh" or "identity".

    Raises
    ------
    InvalidArgument
        When there is none of that name.
    """
    if isinstance(value, Activation):
        return value
    name, _, slope = str(value).partition(":")
    if name in _BY_NAME and not slope:
        return _BY_NAME[name]
    if name == "leaky_relu":
        return leaky_relu(slope or 0.01)
    raise InvalidArgument(
        "activation", value, "is not known", "pass relu, leaky_relu, leaky_relu:SLOPE, tanh or identity"
    )


@dataclass(frozen=True)
class Layer:
    """A linear map with one independent weight for each (output, input, tap), then an activation.

    A dense layer has one tap on a 1 × 1 grid. In the terms of the theory: m = outputs, n = inputs, κ = taps,
    D = `size` weights, N = `frequencies`, c = `complex_factor`.
    """

    inputs: Expr
    outputs: Expr
    weights: Law
    activation: Activation
    taps: Expr = S.One
    frequencies: Expr = S.One
    complex_factor: Expr = S.One

    @property
    def size(self) -> Expr:
        """Number of weights."""
        return self.inputs * self.outputs * self.taps

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the layer."""
        return self.weights.parameters | parameters_of(self.inputs, self.outputs)

    def at(self, point: Point) -> Layer:
        """The layer with numbers put in for parameters."""
        values = dict(point)
        layer = replace(
            self,
            inputs=self.inputs.xreplace(values),
            outputs=self.outputs.xreplace(values),
            weights=self.weights.at(point),
        )
        for name, width in (("inputs", layer.inputs), ("outputs", layer.outputs)):
            _check_width(name, width)
        return layer


WeightSpec: TypeAlias = Law | Sequence[Law] | Callable[[Expr, Expr], Law]


@dataclass(frozen=True)
class Network:
    """A chain of layers; make one with :func:`fcn`."""

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
    def size(self) -> int:
        """Number of weights of a network without free parameters."""
        return sum(int(layer.size) for layer in self.layers)

    @property
    def lipschitz(self) -> Expr:
        """Product Λ of the activations' Lipschitz constants."""
        product = S.One
        for layer in self.layers[:-1]:
            product *= layer.activation.lipschitz
        return product

    def at(self, point: Point) -> Network:
        """The network with numbers put in for parameters."""
        return Network(tuple(layer.at(point) for layer in self.layers))

    def __str__(self) -> str:
        widths = [self.layers[0].inputs, *(layer.outputs for layer in self.layers)]
        laws = list(dict.fromkeys(str(layer.weights) for layer in self.layers))
        activations = list(dict.fromkeys(str(layer.activation) for layer in self.layers[:-1]))
        parts = [
            "-".join(str(w) for w in widths),
            "; ".join(laws),
            *(["; ".join(activations)] if activations else []),
        ]
        return f"fcn({', '.join(parts)})"


def _items(name: str, value: Any, remedy: str) -> list[Any]:
    try:
        return list(value)
    except TypeError:
        raise InvalidArgument(name, value, "is not a sequence", remedy) from None


def _check_width(name: str, width: Expr) -> None:
    if width.is_finite is False or width.is_integer is False or width.is_positive is False:
        raise InvalidArgument(name, width, "is not a width", "pass a positive integer or an integer parameter")


def scaled(law: Law) -> Callable[[Expr, Expr], Law]:
    """The paper's scaling: each layer's weights are law / sqrt(max(fan in, fan out)).

    Parameters
    ----------
    law
        The law of a weight before scaling, e.g. uniform(-1, 1) for K = 1.

    Examples
    --------
    >>> from boundcheck import uniform
    >>> print(scaled(uniform(-1, 1))(256, 64))
    uniform(-1/16, 1/16)
    """
    if not isinstance(law, Law):
        raise InvalidArgument("law", law, "is not a law", "pass uniform(-1, 1), normal(0, 1), …")
    return lambda outputs, inputs: law.scaled(1 / sqrt(Max(outputs, inputs)))


def dense(inputs: Any, outputs: Any, *, weights: Law, activation: Any = "relu") -> Layer:
    """One dense layer.

    Parameters
    ----------
    inputs, outputs
        Widths: positive integers or integer parameters.
    weights
        Law of each of the outputs·inputs independent weights.
    activation
        Applied after the layer, unless it is the network's last.

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer or the law is not a law.
    """
    inputs, outputs = exact("inputs", inputs), exact("outputs", outputs)
    _check_width("inputs", inputs)
    _check_width("outputs", outputs)
    if not isinstance(weights, Law):
        raise InvalidArgument("weights", weights, "is not a law", "pass uniform(-a, a), normal(0, v), …")
    return Layer(inputs, outputs, weights, named_activation(activation))


def fcn(widths: Sequence[Any], *, weights: WeightSpec | None = None, activation: Any = "relu") -> Network:
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

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer, or the numbers of layers, laws and activations disagree.

    Examples
    --------
    >>> from boundcheck import uniform
    >>> print(fcn([64, 256, 32], weights=scaled(uniform(-1, 1))))
    fcn(64-256-32, uniform(-1/16, 1/16), relu)
    """
    items = _items("widths", widths, "pass a sequence such as [64, 256, 32]")
    if items and all(isinstance(item, Layer) for item in items):
        if weights is not None:
            raise InvalidArgument("weights", weights, "stands beside layers that have their own", "leave it out")
        for before, after in itertools.pairwise(items):
            if before.outputs != after.inputs:
                raise InvalidArgument(
                    "widths",
                    after.inputs,
                    f"does not take the {before.outputs} outputs before it",
                    "match the widths",
                )
        return Network(tuple(items))
    if len(items) < 2:
        raise InvalidArgument("widths", widths, "names no layer", "pass at least an input and an output width")
    sizes = [exact("widths", item) for item in items]
    for size in sizes:
        _check_width("widths", size)
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
    if isinstance(weights, Law):
        laws = [weights] * depth
    elif callable(weights):
        laws = [weights(m, n) for n, m in itertools.pairwise(sizes)]
    else:
        laws = _items("weights", weights, "pass a law such as uniform(-1, 1)")
    if len(laws) != depth:
        raise InvalidArgument("weights", weights, f"names {len(laws)} laws", f"pass one, or {depth}")
    return Network(
        tuple(
            dense(n, m, weights=law, activation=act)
            for n, m, law, act in zip(sizes, sizes[1:], laws, [*activations, IDENTITY], strict=False)
        )
    )
