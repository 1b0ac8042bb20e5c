"""Plans as the kernels take them: arrays and numbers, for whoever runs them without having loaded a statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Passes:
    """What decides how far a computed forward pass of l layers may be from the exact one.

    Attributes
    ----------
    lipschitz
        Upper bound of the Lipschitz constant of what follows each linear map, shape (l,).
    terms
        Number of products in each output of each linear map, shape (l,).
    outputs
        Numbers of outputs of each linear map, and of the network, shape (l + 1,).
    roundings
        Roundings of relative error u that each value meets in what follows each linear map, shape (l,).
    underflows
        How many times the smallest float what follows each linear map may be off besides, shape (l,).
    roundoff, smallest, largest
        Unit roundoff of the floats that the passes compute with, the smallest of them above 0, and the largest.
    """

    lipschitz: NDArray[np.float64]
    terms: NDArray[np.int64]
    outputs: NDArray[np.int64]
    roundings: NDArray[np.int64]
    underflows: NDArray[np.float64]
    roundoff: float
    smallest: float
    largest: float


@dataclass(frozen=True)
class NetworkPlan:
    """A pruned network with numbers for every parameter, as the kernels take it; l layers, s steps.

    Attributes
    ----------
    steps, slopes
        The network as a table (see `boundcheck.kernels.steps`), and slopes of leaky ReLU, shapes (s, COLUMNS), (s,).
    laws, law_parameters
        Code and parameters of each layer's weight law, shapes (l,) and (l, 3).
    rules, removed
        Code of each layer's pruning rule and the number of weights it removes, shape (l,); of Bernoulli masks the
        probability of each, in units of 2^-32.
    bias_laws, bias_parameters
        Code, or NO_BIAS, and parameters of the law of each layer's biases, shapes (l,) and (l, 3).
    passes
        What a forward pass does to errors.
    secants
        Between a layer and the next one, the differences of two states are multiplied entry by entry by numbers within
        `spread` of `centre`: rows of these two, upper bounds of |centre| and of spread, shape (l - 1, 2). The centre is
        0, and the spread a Lipschitz constant, where more happens there or one of the layers is a convolution.
    dimension
        Size of an input.
    products
        Number of multiplications by weights in one forward pass.
    radius
        A float at or below the radius of the input ball.
    inputs
        Number of inputs, shared by all trials.
    precision
        "double" or "single": of the weights and the forward passes.
    """

    key: int
    steps: NDArray[np.int64]
    slopes: NDArray[np.float64]
    laws: NDArray[np.int64]
    law_parameters: NDArray[np.float64]
    rules: NDArray[np.int64]
    removed: NDArray[np.int64]
    bias_laws: NDArray[np.int64]
    bias_parameters: NDArray[np.float64]
    passes: Passes
    secants: NDArray[np.float64]
    dimension: int
    products: int
    radius: float
    inputs: int
    precision: str

    @property
    def lipschitz(self) -> NDArray[np.float64]:
        """Upper bound of the Lipschitz constant of what comes between each layer and the next one, shape (l,)."""
        return self.passes.lipschitz

    @property
    def weight_roundoff(self) -> float:
        """Relative error of the weights that trials run with, of those that were drawn."""
        return self.passes.roundoff if self.precision == "single" else 0.0

    @property
    def has_biases(self) -> bool:
        """Whether some layer has biases."""
        return bool((self.bias_laws >= 0).any())

    @property
    def is_linear(self) -> bool:
        """Whether the network is one linear map and a bias, so that the gap is the norm of what is removed."""
        return len(self.steps) == 1

    @property
    def fingerprint(self) -> tuple[Any, ...]:
        """All that its trials depend on: plans of equal fingerprints are of the same trials."""
        follow = ("passes", "secants")  # from the rest
        values = {name: value for name, value in vars(self).items() if name not in follow}
        return tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in values.values())


@dataclass(frozen=True)
class StatisticPlan:
    """A sample with numbers for every parameter: law codes and parameters, one or one a variable.

    `resolution` bounds how far a drawn variable may be from one of the exact law.
    """

    key: int
    size: int
    laws: NDArray[np.int64]
    law_parameters: NDArray[np.float64]
    resolution: float
