"""Specifications of networks and of what is pruned from them, and networks drawn from these."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from boundcheck.check.draw import NetworkDraw, draw_network
from boundcheck.statement.laws import Law, normal, uniform
from boundcheck.statement.layer import Activation, Convolution, conv, dense, leaky_relu, named_activation
from boundcheck.statement.network import Network, chain_of, fcn, flatten
from boundcheck.statement.pruning import (
    Pruned,
    Rule,
    bernoulli_mask,
    filters,
    magnitude,
    prune,
    random,
    random_filters,
)
from boundcheck.statement.window import Pooling, average_pool, max_pool
from boundcheck.testing.strategies.arrays import seeds

SCALES = ("1/16", "1/4", "1", "4")
"""Half-widths of uniform laws and standard deviations of normal laws."""
SLOPES = ("1/100", "1/2", "-1/2", "3")
"""Negative slopes of leaky ReLU; the last makes the Lipschitz constant exceed 1."""


def laws() -> st.SearchStrategy[Law]:
    """Symmetric weight laws: uniform(-a, a) or normal(0, a), a in `SCALES`."""
    return st.one_of(
        st.sampled_from(SCALES).map(lambda a: uniform(f"-{a}", a)),
        st.sampled_from(SCALES).map(lambda a: normal(0, a)),
    )


def activations() -> st.SearchStrategy[Activation]:
    """identity, relu, tanh, or leaky_relu with a slope in `SLOPES`."""
    return st.one_of(
        st.sampled_from(["identity", "relu", "tanh"]).map(named_activation),
        st.sampled_from(SLOPES).map(leaky_relu),
    )


@st.composite
def networks(
    draw: st.DrawFn, max_depth: int = 4, max_width: int = 12, *, activation: Any = None, biases: bool = False
) -> Network:
    """Fully-connected networks of 1 to `max_depth` layers and widths 1 to `max_width`.

    Each layer has a law of its own out of :func:`laws`.

    Parameters
    ----------
    activation
        Of all hidden layers, such as "relu"; left out, each has its own out of :func:`activations`.
    biases
        Whether layers may have biases, with laws out of :func:`laws`.
    """
    depth = draw(st.integers(1, max_depth))
    widths = draw(st.lists(st.integers(1, max_width), min_size=depth + 1, max_size=depth + 1))
    own = activations() if activation is None else st.just(activation)
    between = draw(st.lists(own, min_size=depth - 1, max_size=depth - 1))
    weights = draw(st.lists(laws(), min_size=depth, max_size=depth))
    added = draw(st.lists(st.one_of(st.none(), laws()), min_size=depth, max_size=depth)) if biases else None
    return fcn(widths, weights=weights, activation=between, biases=added)


@st.composite
def _poolings(draw: st.DrawFn, grid: tuple[int, int]) -> Pooling:
    kernel = tuple(draw(st.integers(1, min(3, side))) for side in grid)
    stride = draw(st.one_of(st.none(), st.tuples(st.integers(1, 3), st.integers(1, 3))))
    padding = tuple(draw(st.integers(0, size // 2)) for size in kernel)
    if draw(st.booleans()):
        return max_pool(kernel, stride=stride, padding=padding)
    tiles = stride is None or all(step >= size for step, size in zip(stride, kernel, strict=True))
    return average_pool(kernel, stride=stride, padding=padding, count_include_pad=not tiles or draw(st.booleans()))


@st.composite
def _convolutions(draw: st.DrawFn, channels: Any, grid: tuple[int, int], max_channels: int) -> Convolution:
    circular = draw(st.booleans())
    kernel = tuple(draw(st.integers(1, min(3, side) if circular else 3)) for side in grid)
    # Enough padding for the kernel to fit; circular padding is at most p - 1 in all.
    padding = []
    for size, side in zip(kernel, grid, strict=True):
        total = draw(st.integers(max(0, size - side), size - 1 if circular else size + 1))
        before = draw(st.integers(0, total))
        padding.append((before, total - before))
    return conv(
        channels,
        draw(st.integers(1, max_channels)),
        kernel,
        weights=draw(laws()),
        stride=(draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        padding=tuple(padding),
        padding_mode="circular" if circular else "zeros",
        activation=draw(activations()),
    )


@st.composite
def convolutional_networks(draw: st.DrawFn, max_depth: int = 3, max_channels: int = 4, max_side: int = 5) -> Network:
    """Networks of 1 to `max_depth` layers: convolutions of any padding and stride, pooling, perhaps a dense layer.

    Parameters
    ----------
    max_channels, max_side
        Channels are 1 to `max_channels`, height and width of the input 1 to `max_side`.
    """
    chain = chain_of([draw(st.integers(1, max_channels)), *(draw(st.integers(1, max_side)) for _ in range(2))])
    depth = draw(st.integers(1, max_depth))
    for place in range(depth):
        if place and draw(st.integers(0, 2)) == 0:
            chain.take(draw(_poolings(chain.grid)))
        if place + 1 == depth > 1 and draw(st.booleans()):
            chain.take(flatten())
            chain.take(dense(chain.channels, draw(st.integers(1, 6)), weights=draw(laws())))
        else:
            chain.take(draw(_convolutions(chain.channels, chain.grid, max_channels)))
    if chain.grid != (1, 1) and draw(st.booleans()):
        chain.take(draw(_poolings(chain.grid)))
    return chain.network()


@st.composite
def rules(draw: st.DrawFn, size: int = 1, filters_in: int = 0) -> Rule:
    """Magnitude or random pruning, or a Bernoulli mask, of a layer of `size` weights or more, and `filters_in` filters.

    The amount is a count from 0 to `size` (or `filters_in`), a fraction out of 0, 1/16, …, 1, or alpha out of
    1/16, …, 15/16; of Bernoulli masks a fraction. Without filters, weights are pruned.
    """
    whole = [filters, random_filters] if filters_in else []
    kind = draw(st.sampled_from([magnitude, random, *whole, bernoulli_mask]))
    unit = draw(st.sampled_from(["count", "fraction", "alpha"]))
    if kind is bernoulli_mask:  # after a draw, so that what shrinks to the fewest does not end here
        unit = "fraction"
    amount: Any = draw(
        {
            "count": st.integers(0, size if kind in (magnitude, random) else filters_in),
            "fraction": st.integers(0, 16).map(lambda i: f"{i}/16"),
            "alpha": st.integers(1, 15).map(lambda i: f"{i}/16"),
        }[unit]
    )
    return kind(**{unit: amount})


@st.composite
def pruned_networks(
    draw: st.DrawFn, max_depth: int = 4, max_width: int = 12, *, target: st.SearchStrategy[Network] | None = None
) -> Pruned:
    """Networks of :func:`networks` and :func:`convolutional_networks`, each layer pruned by its own rule or left alone.

    Parameters
    ----------
    max_depth, max_width
        Of fully-connected networks.
    target
        Which networks are pruned, in place of these.
    """
    if target is None:
        target = st.one_of(networks(max_depth, max_width), convolutional_networks())
    network = draw(target)
    own = [st.one_of(st.none(), rules(int(layer.size), int(layer.outputs))) for layer in network.layers]
    return prune(network, [draw(rule) for rule in own])


def drawn_networks(pruned: st.SearchStrategy[Pruned] | None = None) -> st.SearchStrategy[NetworkDraw]:
    """Networks whose weights and masks are drawn as their laws and rules say, by the kernels, from a drawn seed.

    :func:`weights` and :func:`masks` are as hard as may be, these are what a claim about random weights is about. They
    shrink to few small layers, and to the seed 0. An example is shown as the call ``draw_network(…)`` that makes it. A
    search picks seeds: what has a small probability it finds, so that a bound that may fail is to be tested by counting
    (``assert_bound(…, delta=…)``) and not in single examples.

    Parameters
    ----------
    pruned
        Which networks, without free parameters; :func:`pruned_networks` by default.
    """
    # Loads the kernels, or compiles them: the first example is not to wait for that.
    draw_network(fcn([1, 1], weights=uniform(-1, 1)), seed=0)
    found = pruned_networks() if pruned is None else pruned
    return st.builds(lambda network, seed: draw_network(network, seed=seed), found, seeds())
