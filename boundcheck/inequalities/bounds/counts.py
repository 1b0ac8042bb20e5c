"""T4: how many of k randomly removed entries fall into one channel."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr

from boundcheck.statement.functions import HypergeometricBound
from boundcheck.statement.layer import Layer


class ChannelCounts(NamedTuple):
    """Bounds, holding together with probability 1 - delta, on the removed entries of every channel."""

    in_output: Expr
    in_input: Expr


def channel_counts(layer: Layer, count: Expr, delta: Expr) -> ChannelCounts:
    """Bound the entries of a random `count`-subset in every output and input channel, all at once.

    An output channel has n κ of the D entries, an input channel m κ; each count is hypergeometric, and the union
    bound gives each of the m + n channels the share delta / (m + n).

    Source: W. Hoeffding, JASA 58 (1963), Theorems 1 and 4.
    """
    share = delta / (layer.outputs + layer.inputs)
    return ChannelCounts(
        HypergeometricBound(layer.size, count, layer.inputs * layer.taps, share),
        HypergeometricBound(layer.size, count, layer.outputs * layer.taps, share),
    )
