"""Layers: a linear map with independent weights, dense or a convolution, and what follows it before the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from sympy import Expr, Integer, Max, Min, S, sqrt

from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.laws import Law
from boundcheck.statement.shown import Shown
from boundcheck.statement.window import SINGLE, Pair, Pool, Window, padding_of, pair, words


@dataclass(frozen=True)
class Activation(Shown):
    """An elementwise Lipschitz map that fixes 0."""

    name: str
    lipschitz: Expr = S.One
    slope: Expr = S.Zero
    """Slope on the negative side (leaky ReLU only)."""

    def __str__(self) -> str:
        return self.name if self.name != "leaky_relu" else f"leaky_relu({self.slope})"

    @property
    def slopes(self) -> tuple[Expr, Expr]:
        """The least and the largest slope of a secant."""
        if self.name == "identity":
            return S.One, S.One
        return Min(S.One, self.slope), Max(S.One, self.slope)  # of tanh and ReLU, 0 and 1


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


Step: TypeAlias = Activation | Pool
"""A Lipschitz map without weights that fixes 0."""


def each(words: Iterable[str]) -> str:
    """What is said of each layer: once if it is the same for all, else once a layer."""
    found = list(words)
    return "; ".join(found if len(set(found)) > 1 else found[:1])


@dataclass(frozen=True)
class Layer:
    """A linear map with independent weights, one for each (output, input, tap), biases, then maps without weights.

    A dense layer is the convolution with one tap on a 1 × 1 grid. In the terms of the theory: m = outputs, n = inputs,
    κ = taps, D = `size` weights, N = `frequencies`, c = `complex_factor`; a dense layer has κ = N = c = 1.
    """

    inputs: Expr
    outputs: Expr
    weights: Law
    window: Window = SINGLE
    after: tuple[Step, ...] = ()
    bias: Law | None = None
    """Law of the number that is added to each output (channel); None where nothing is. Pruning leaves it alone."""

    @property
    def taps(self) -> Expr:
        """κ, the weights between one input channel and one output channel."""
        return Integer(self.window.taps)

    @property
    def frequencies(self) -> Expr:
        """N, the number of blocks up to complex conjugation that a Fourier transform takes the map apart into."""
        return Integer(self.window.frequencies)

    @property
    def complex_factor(self) -> Expr:
        """c: a complex block C + iS of Gaussian weights has a mean norm of at most c(√m + √n) √κ."""
        return S.One if self.window.taps == 1 else sqrt(2)

    @property
    def size(self) -> Expr:
        """Number of weights."""
        return self.inputs * self.outputs * self.taps

    @property
    def linear(self) -> Layer:
        """The linear map alone, unfolded: what norms are about."""
        return replace(self.unfolded, after=(), bias=None)

    @property
    def bias_vector(self) -> Layer | None:
        """The biases as the weights of a layer with a single input, or None."""
        return None if self.bias is None else Layer(S.One, self.outputs, self.bias)

    @property
    def cells(self) -> Expr:
        """Number of cells of the grid of outputs, to each of which a channel's bias is added."""
        rows, columns = self.window.output_grid
        return Integer(rows * columns)

    @property
    def unfolded(self) -> Layer:
        """The layer whose norms are to be bounded: where windows are disjoint, the dense layer at one of them.

        The map then is the matrix of m × nκ weights at every window, apart from cells outside the grid, so that its
        norm is at most that of the matrix. With one tap nothing changes but the grid.
        """
        if not self.window.disjoint:
            return self
        return replace(self, inputs=self.inputs * self.taps, window=SINGLE)

    @property
    def lipschitz(self) -> Expr:
        """Product of the Lipschitz constants of what follows the linear map."""
        product = S.One
        for step in self.after:
            product *= step.lipschitz
        return product

    @property
    def slopes(self) -> tuple[Expr, Expr] | None:
        """The least and largest slope of a secant of what follows, or None where that is not one elementwise map."""
        if not self.after:
            return IDENTITY.slopes
        [step, *others] = self.after
        return None if others or isinstance(step, Pool) else step.slopes

    @property
    def grid(self) -> Pair:
        """Height and width of what the layer hands on."""
        pools = [step for step in self.after if isinstance(step, Pool)]
        return pools[-1].window.output_grid if pools else self.window.output_grid

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the layer."""
        biases: frozenset[Parameter] = frozenset() if self.bias is None else self.bias.parameters
        return self.weights.parameters | biases | parameters_of(self.inputs, self.outputs)

    @property
    def words(self) -> str:
        """Shape and what follows, without the weights: 10, or conv 6 (5×5), relu."""
        shape = str(self.outputs) if self.window == SINGLE else f"conv {self.outputs} ({self.window})"
        return ", ".join([shape, *map(str, self.after)])

    def followed_by(self, *steps: Step) -> Layer:
        """The layer with more steps after it; the identity is none."""
        return replace(self, after=(*self.after, *(step for step in steps if step != IDENTITY)))

    def at(self, point: Point) -> Layer:
        """The layer with numbers put in for parameters."""
        values = dict(point)
        layer = replace(
            self,
            inputs=self.inputs.xreplace(values),
            outputs=self.outputs.xreplace(values),
            weights=self.weights.at(point),
            bias=None if self.bias is None else self.bias.at(point),
        )
        for name, width in (("inputs", layer.inputs), ("outputs", layer.outputs)):
            check_width(name, width)
        return layer


class Scaling(Protocol):
    """A law of weights that depends on the shape of a layer, as :func:`scaled` makes it."""

    def __call__(self, outputs: Expr, inputs: Expr, taps: Expr = ..., /) -> Law:
        """The law of one weight."""


LayerWeights: TypeAlias = Law | Scaling | Callable[..., Law]


def scaled(law: Law) -> Scaling:
    """The paper's scaling: each layer's weights are law / sqrt(κ·max(fan in, fan out)), κ taps, 1 for a dense layer.

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
    return lambda outputs, inputs, taps=S.One, /: law.scaled(1 / sqrt(taps * Max(outputs, inputs)))


def check_width(name: str, width: Expr) -> None:
    """Refuse what is no width or number of channels."""
    if width.is_finite is False or width.is_integer is False or width.is_positive is False:
        raise InvalidArgument(name, width, "is not a width", "pass a positive integer or an integer parameter")


def _shape(inputs: Any, outputs: Any) -> tuple[Expr, Expr]:
    inputs, outputs = exact("inputs", inputs), exact("outputs", outputs)
    check_width("inputs", inputs)
    check_width("outputs", outputs)
    return inputs, outputs


def _law(weights: Any, outputs: Expr, inputs: Expr, taps: Expr, name: str = "weights") -> Law:
    if callable(weights) and not isinstance(weights, Law):
        weights = weights(outputs, inputs) if taps == 1 else weights(outputs, inputs, taps)
    if not isinstance(weights, Law):
        raise InvalidArgument(
            name, weights, "is not a law", "pass uniform(-a, a), normal(0, v), … or scaled(uniform(-1, 1))"
        )
    return weights


def _bias(bias: Any, outputs: Expr, inputs: Expr, taps: Expr) -> Law | None:
    return None if bias is None else _law(bias, outputs, inputs, taps, "bias")


def dense(
    inputs: Any, outputs: Any, *, weights: LayerWeights, activation: Any = "relu", bias: LayerWeights | None = None
) -> Layer:
    """One dense layer.

    Parameters
    ----------
    inputs, outputs
        Widths: positive integers or integer parameters.
    weights
        Law of each of the outputs·inputs independent weights, or ``scaled(law)``.
    activation
        Applied after the layer, unless it is the network's last.
    bias
        Law of the number that is added to each output, independent of all else and never pruned, or ``scaled(law)``;
        None for no bias.

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer or the law is not a law.
    """
    inputs, outputs = _shape(inputs, outputs)
    law, added = _law(weights, outputs, inputs, S.One), _bias(bias, outputs, inputs, S.One)
    return Layer(inputs, outputs, law, bias=added).followed_by(named_activation(activation))


@dataclass(frozen=True)
class Convolution:
    """A convolution as it is written, before the grid is known; make one with :func:`conv`."""

    inputs: Expr
    outputs: Expr
    weights: Law
    kernel: Pair
    stride: Pair
    padding: tuple[Pair, Pair]
    circular: bool
    activation: Activation
    bias: Law | None = None

    def on(self, grid: Any) -> Layer:
        """The layer on an input grid of height × width.

        Raises
        ------
        InvalidArgument
            When the kernel does not fit, or circular padding exceeds p - 1 in all.
        """
        window = Window(self.kernel, self.stride, self.padding, self.circular, pair("grid", grid, 1))
        layer = Layer(self.inputs, self.outputs, self.weights, window, bias=self.bias)
        return layer.followed_by(self.activation)

    def __str__(self) -> str:
        return f"conv({self.inputs}, {self.outputs}, {words(self.kernel)})"


def conv(
    inputs: Any,
    outputs: Any,
    kernel: Any,
    *,
    weights: LayerWeights,
    stride: Any = 1,
    padding: Any = 0,
    padding_mode: str = "zeros",
    activation: Any = "relu",
    bias: LayerWeights | None = None,
) -> Convolution:
    """One convolution: the cross-correlation of deep-learning libraries.

    Parameters
    ----------
    inputs, outputs
        Numbers of channels: positive integers or integer parameters.
    kernel, stride
        One integer, or two for rows and columns.
    weights
        Law of each of the outputs·inputs·rows·columns independent weights, or ``scaled(law)``, or any function
        (outputs, inputs, taps) -> law.
    padding
        Cells on each side: an integer, (rows, columns), ((top, bottom), (left, right)), "same" (p - 1 in all, so that
        stride 1 keeps the grid) or "valid" (none).
    padding_mode
        "zeros" or "circular". Circular padding is at most p - 1 in all.
    activation
        Applied after the layer, unless the layer ends the network.
    bias
        Law of the number that is added to each output channel at every cell, or as for `weights`; None for no bias. It
        is independent of all else and never pruned.

    Raises
    ------
    InvalidArgument
        When an argument is out of range.
    """
    inputs, outputs = _shape(inputs, outputs)
    size = pair("kernel", kernel, 1)
    if padding_mode not in ("zeros", "circular"):
        raise InvalidArgument("padding_mode", padding_mode, "is not known", "pass zeros or circular")
    return Convolution(
        inputs,
        outputs,
        _law(weights, outputs, inputs, Integer(size[0] * size[1])),
        size,
        pair("stride", stride, 1),
        padding_of(padding, size),
        padding_mode == "circular",
        named_activation(activation),
        _bias(bias, outputs, inputs, Integer(size[0] * size[1])),
    )
